import { runtimeNames } from '@atrous/segmenter';
import { unknownName } from '@atrous/tensor';
import { findNetwork } from '@atrous/zoo';
import type { Command } from 'commander';
import { chart } from '../compare/chart.ts';
import { describeModules, describeNetworks } from '../compare/describe.ts';
import { compareModules } from '../compare/modules.ts';
import { compareGraphs } from '../compare/networks.ts';
import { chartPath, saveChart } from '../compare/save_chart.ts';
import { type Timing, timeNetworks } from '../compare/times.ts';
import { list, size, wholeWithin } from '../options.ts';
import { print, progressBar } from '../output.ts';
import { runtimes } from '../runtimes.ts';
import { command, threadsOption } from './command.ts';

/** Those that Xception was measured against, and what came of it. */
const usual = ['vgg16', 'resnet50', 'inception_v3', 'inception_resnet_v2', 'xception', 'mobilenetv2_100'];

interface CompareFlags {
  readonly input: { readonly height: number; readonly width: number };
  readonly runtime: readonly string[];
  readonly runs: number;
  readonly threads?: number;
  readonly time: boolean;
  readonly save?: string;
  readonly modules: boolean;
  readonly filters: number;
  readonly size: number;
  readonly channels: number;
  readonly kernel: number;
  readonly json: boolean;
}

export function compareCommand(signal: AbortSignal): Command {
  return command('compare', 'what networks, or kinds of convolution, cost beside each other')
    .argument('[networks...]', `e.g. xception vgg16 (default: ${usual.join(', ')})`)
    .option('--input <HxW>', 'height and width of the picture', size, { height: 299, width: 299 })
    .option('--runtime <names>', 'what runs them: one or several, with commas between', runtimeList, ['auto'])
    .option('--runs <n>', 'runs of each, of which the median counts', wholeWithin(1, 1000), 5)
    .addOption(threadsOption())
    .option('--no-time', 'count only')
    .option('--save <file>', 'a chart as .svg or .png: accuracy over multiply-adds', chartPath)
    .option('--modules', 'kinds of convolution alone, at one size', false)
    .option('--filters <n>', 'of a module: channels out, N', wholeWithin(1, 65536), 256)
    .option('--size <n>', 'of a module: side of the map, F', wholeWithin(1, 65536), 28)
    .option('--channels <n>', 'of a module: channels in, M', wholeWithin(1, 65536), 192)
    .option('--kernel <n>', 'of a module: side of the kernel, K, odd', wholeWithin(1, 255), 5)
    .addHelpText(
      'after',
      `
Examples:
  atrous compare --no-time --save chart.svg
  atrous compare xception inception_v3 --runtime wasm,onnx:native --runs 9
  atrous compare --modules --channels 728 --filters 728 --size 19 --kernel 3`,
    )
    .action((names: string[], flags: CompareFlags, self: Command) => {
      if (!flags.modules) return compareNetworks(names.length ? names : usual, flags, signal);
      if (names.length) self.error('error: --modules compares no networks: leave their names out');
      if (flags.save) self.error('error: --save draws networks: leave --modules out');
      const { filters, size, channels, kernel } = flags;
      const modules = compareModules({ filters, size, channels, kernel });
      const data = { filters, size, channels, kernel, modules };
      return print(flags, data, () => describeModules(data));
    });
}

function runtimeList(text: string): string[] {
  const names = [...new Set(list(text))];
  const known = runtimeNames(runtimes);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined || names.length === 0) throw unknownName('runtime', unknown ?? text, known);
  return names;
}

async function compareNetworks(
  names: readonly string[],
  flags: CompareFlags,
  signal: AbortSignal,
): Promise<void> {
  const found = await Promise.all([...new Set(names)].map((name) => findNetwork(name)));
  const graphs = found.map(({ graph }, i) => ({ name: [...new Set(names)][i], graph }));
  const input = [flags.input.height, flags.input.width];
  const networks = compareGraphs(graphs, flags.input);
  if (flags.save) await saveChart(flags.save, chart(networks, input.join('×')));

  const times: Timing[] = [];
  if (flags.time) {
    const bar = progressBar(flags.runtime.length * graphs.length * (flags.runs + 2));
    try {
      for (const runtime of flags.runtime) {
        const options = { size: flags.input, runs: flags.runs, threads: flags.threads, signal };
        times.push(
          ...(await timeNetworks(graphs, runtime, {
            ...options,
            onRun: (network) => bar.step(`${network} on ${runtime}`),
          })),
        );
      }
    } finally {
      bar.end();
    }
  }
  const data = { input, networks, times, ...(flags.save && { chart: flags.save }) };
  print(flags, data, () => describeNetworks(data));
}
