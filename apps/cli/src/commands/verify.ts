import { type RuntimeReport, verify } from '@atrous/segmenter';
import type { Precision } from '@atrous/zoo';
import type { Command } from 'commander';
import { list, locateModel } from '../options.ts';
import { loadingReports, note, percent, print, short, table } from '../output.ts';
import { givenRuntimes, runtimes } from '../runtimes.ts';
import { command, precisionOption, threadsOption } from './command.ts';

interface VerifyFlags {
  readonly runtimes?: readonly string[];
  readonly baseline?: string;
  readonly threads?: number;
  readonly precision?: Precision;
  readonly json: boolean;
}

export function verifyCommand(signal: AbortSignal): Command {
  return command('verify', 'run one picture through every available runtime, and compare')
    .argument(
      '<model>',
      'people, people-small, street, a checkpoint of any format, a model folder, an npm package or a URL',
    )
    .argument('[picture]', 'JPEG, PNG or WebP (default: a generated one)')
    .option('--runtimes <names>', `some of ${Object.keys(runtimes.runtimes).join(', ')} (default: all)`, list)
    .option(
      '--baseline <name>',
      'what the others are compared with (default: the reference, or the first available one where that is slow)',
    )
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addHelpText('after', '\nExample:\n  atrous verify people photo.jpg')
    .action((model: string, picture: string | undefined, flags: VerifyFlags) =>
      verifyModel(model, picture, flags, signal),
    );
}

async function verifyModel(
  model: string,
  picture: string | undefined,
  flags: VerifyFlags,
  signal: AbortSignal,
): Promise<void> {
  const result = await verify(locateModel(model), picture, {
    runtimes: givenRuntimes,
    only: flags.runtimes,
    baseline: flags.baseline,
    threads: flags.threads,
    precision: flags.precision,
    signal,
    ...loadingReports,
    onReport: ({ runtime, reason }) => {
      if (!flags.json && process.stderr.isTTY) note(`${runtime}: ${reason ?? 'done'}`);
    },
  });
  const absent = result.reports.filter(({ reason }) => reason !== undefined);
  print(flags, result, () =>
    [
      `${result.model}, ${result.height}×${result.width}, against ${result.baseline}`,
      '',
      table([
        ['runtime', 'largest', 'mean', 'other class', 'time', 'memory'],
        ...result.reports.filter((report) => !absent.includes(report)).map(describeReport),
      ]),
      ...absent.map(({ runtime, reason }) => `${runtime} is unavailable: ${reason}`),
      '',
      'largest, mean: difference of logits, relative to the largest; other class: share of pixels',
    ].join('\n'),
  );
}

function describeReport(report: RuntimeReport): string[] {
  const { largestDifference = 0, meanDifference = 0, differingPixels = 0, milliseconds = 0, bytes } = report;
  return [
    report.runtime,
    largestDifference.toExponential(1),
    meanDifference.toExponential(1),
    percent(differingPixels),
    `${Math.round(milliseconds)} ms`,
    bytes === undefined ? '' : `${short(bytes)}B`,
  ];
}
