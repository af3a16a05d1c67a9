import type { ComputeOption } from '@atrous/segmenter';
import { AtrousError } from '@atrous/tensor';
import type { Precision } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { untilStopped } from '../interrupt.ts';
import { loadSegmenter } from '../load_segmenter.ts';
import { optionalPackage } from '../optional_package.ts';
import { positiveNumber, wholeNumber, wholeWithin } from '../options.ts';
import { note, print } from '../output.ts';
import { command, computeOption, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface ServeFlags {
  readonly model: string;
  readonly host: string;
  readonly port: number;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision?: Precision;
  readonly compute: ComputeOption;
  readonly jobs?: number;
  readonly waiting?: number;
  readonly maxMegabytes?: number;
  readonly maxMegapixels?: number;
  readonly timeout?: number;
  readonly logLevel: string;
  readonly json: boolean;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

export function serveCommand(signal: AbortSignal): Command {
  return command('serve', 'segment pictures over HTTP: a picture in the body, masks and data back')
    .option(
      '--model <name>',
      'people, people-small, street, a checkpoint of any format, a model folder, an npm package or a URL',
      'people',
    )
    .option('--host <address>', 'where it listens; 0.0.0.0 is everywhere', '127.0.0.1')
    .option('--port <n>', '0 takes any that is free', wholeWithin(0, 65535), 8080)
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addOption(computeOption())
    .option(
      '--jobs <n>',
      'requests that are worked on at once, one of them in the network (default: 3)',
      wholeNumber(1),
    )
    .option(
      '--waiting <n>',
      'requests that may wait beside those; the next get a 429 (default: 64)',
      wholeNumber(0),
    )
    .option('--max-megabytes <n>', 'of a body (default: 20)', positiveNumber)
    .option('--max-megapixels <n>', 'of a picture, before it is decoded (default: 40)', positiveNumber)
    .option('--timeout <seconds>', 'from a request to its answer (default: 30)', positiveNumber)
    .addOption(
      new Option('--log-level <level>', 'lines of JSON on standard error, one for each request')
        .choices(logLevels)
        .default('info'),
    )
    .addHelpText(
      'after',
      `
Needs a package of its own: npm install @atrous/serve (with --global if atrous is).

Examples:
  atrous serve
  atrous serve --model street --port 9000 --max-megapixels 12

  curl --data-binary @photo.jpg -H 'content-type: image/jpeg' localhost:8080/segment -o photo.mask.png
  curl --data-binary @photo.jpg -H 'content-type: image/jpeg' 'localhost:8080/segment?format=cutout&classes=hair,skin' -o cut.png

The address is printed once it listens. /docs describes every option (OpenAPI 3.1 at /docs/json), /healthz and /readyz
are for load balancers, /metrics for Prometheus. At SIGTERM or SIGINT it takes nothing more, answers what it has taken,
and ends with exit code 0; a second signal ends it at once.`,
    )
    .action((flags: ServeFlags) => serve(flags, signal));
}

async function serve(flags: ServeFlags, signal: AbortSignal): Promise<void> {
  const { createServer } = await optionalPackage('@atrous/serve', () => import('@atrous/serve'));
  const segmenter = await loadSegmenter(flags, signal);
  const millions = (value: number | undefined) => value && Math.round(value * 1e6);
  const server = await createServer(segmenter, {
    maxBytes: millions(flags.maxMegabytes),
    maxPixels: millions(flags.maxMegapixels),
    concurrency: flags.jobs,
    maxWaiting: flags.waiting,
    timeout: flags.timeout && Math.ceil(flags.timeout * 1000),
    logger: { level: flags.logLevel, stream: process.stderr },
  });
  const { host, port } = flags;
  const url = await server.listen({ host, port }).catch((cause) => {
    throw new AtrousError('input', `${host}:${port} cannot be listened on: ${cause.message}`, { cause });
  });
  print(flags, { url, model: segmenter.config.name, runtime: segmenter.runtime }, () => url);
  await untilStopped(signal);
  note('atrous: stops: what was taken is answered');
  await server.close();
  await segmenter.dispose();
  process.exitCode = 0; // to be stopped is how a service ends
}
