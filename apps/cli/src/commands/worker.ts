import type { ComputeOption } from '@atrous/segmenter';
import type { Precision } from '@atrous/zoo';
import type { Command } from 'commander';
import { bringFleet, type QueueFlags, queueAddress, queueOptions } from '../fleet.ts';
import { untilStopped } from '../interrupt.ts';
import { loadSegmenter } from '../load_segmenter.ts';
import { locateModel, positiveNumber, wholeNumber } from '../options.ts';
import { note, print } from '../output.ts';
import { printableName } from '../printable.ts';
import { command, computeOption, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface WorkerFlags extends QueueFlags {
  readonly model: string;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision?: Precision;
  readonly compute: ComputeOption;
  readonly jobs: number;
  readonly maxMegapixels?: number;
  readonly json: boolean;
}

export function workerCommand(signal: AbortSignal): Command {
  const working = command('worker', 'do the pictures of a queue, until it is stopped')
    .option('--model <name>', 'that of the pictures: a worker that has another refuses them', 'people')
    .option(
      '--jobs <n>',
      'pictures under way at once: one in the network, while others are read and written',
      wholeNumber(1),
      3,
    )
    .option('--max-megapixels <n>', 'a larger picture is set apart (default: 200)', positiveNumber)
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addOption(computeOption())
    .addHelpText(
      'after',
      `
Needs a package of its own: npm install @atrous/fleet, and @aws-sdk/client-s3 for buckets (with --global if atrous is).

Examples:
  atrous worker --queue redis://10.0.0.5 --model street --jobs 4

At SIGTERM or SIGINT it takes no more pictures, finishes those under way, and ends with exit code 0; a second signal ends it at once, and
other workers do what it had half a minute later. A picture that cannot be read is set apart with its error, others are tried again, later and later.`,
    )
    .action((flags: WorkerFlags) => work(flags, signal));
  for (const option of queueOptions()) working.addOption(option);
  return working;
}

async function work(flags: WorkerFlags, signal: AbortSignal): Promise<void> {
  const fleet = await bringFleet();
  const { model, jobs, maxMegapixels } = flags;
  const location = locateModel(model);
  const segmenter = await loadSegmenter(flags, signal);
  const counts = { done: 0, found: 0, failed: 0 };
  let connection = '';
  const worker = await fleet.startWorker(segmenter, {
    ...queueAddress(flags),
    location,
    jobs,
    maxPixels: maxMegapixels && Math.round(maxMegapixels * 1e6),
    onDone({ found, files }) {
      counts.done++;
      if (found === Object.keys(files).length) counts.found++;
    },
    onFailed({ key, error, again }) {
      if (!again) counts.failed++;
      note(`atrous: ${printableName(key)} ${again ? 'is tried again' : 'is set apart'}: ${error}`);
    },
    onError({ message }) {
      // the same is said once, however often the connection is tried
      if (message !== connection) note(`atrous: the queue: ${message}`);
      connection = message;
    },
  });
  note(`atrous: ${segmenter.config.name} on ${segmenter.runtime}, ${jobs} at once; waits for pictures`);
  await untilStopped(signal);
  note('atrous: stops: what is under way is finished');
  await worker.close();
  await segmenter.dispose();
  process.exitCode = 0; // to be stopped is how a worker ends
  print(
    flags,
    counts,
    () => `${counts.done} pictures, ${counts.found} of them found done, ${counts.failed} set apart`,
  );
}
