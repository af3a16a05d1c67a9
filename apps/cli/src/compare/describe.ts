import type { ModuleSize } from '@atrous/baselines/modules';
import { percent, short, table } from '../output.ts';
import { printableName } from '../printable.ts';
import type { ComparedModule } from './modules.ts';
import type { ComparedNetwork } from './networks.ts';
import type { Timing } from './times.ts';

const factor = (value: number): string => `${value.toFixed(2)} ×`;

interface Networks {
  readonly input: readonly number[];
  readonly networks: readonly ComparedNetwork[];
  readonly times: readonly Timing[];
  readonly chart?: string;
}

/** Networks as rows, and what the columns are. */
export function describeNetworks({ input, networks, times, chart }: Networks): string {
  const runtimes = [...new Set(times.map(({ runtime }) => runtime))];
  const timeOf = (network: string, runtime: string): string => {
    const timing = times.find((one) => one.network === network && one.runtime === runtime);
    return timing?.median === undefined ? '–' : `${timing.median.toFixed(0)} ms`;
  };
  const header = ['', 'parameters', 'multiply-adds', 'ordinary', '', 'activations', 'top-1', ...runtimes];
  const rows = networks.map(({ network, parameters, macs, ordinary, activationBytes, published }) => [
    network,
    short(parameters),
    short(macs),
    ordinary.macs === macs ? 'same' : short(ordinary.macs),
    ordinary.macs === macs ? '' : factor(ordinary.macs / macs),
    `${short(activationBytes.peak)}B`,
    published ? `${published.top1.toFixed(1)} %` : '–',
    ...runtimes.map((runtime) => timeOf(network, runtime)),
  ]);
  const sources = networks.flatMap(({ network, published }) =>
    published ? [[`  ${network}`, `${published.source} (${published.crop}×${published.crop})`]] : [],
  );
  const left = times.flatMap(({ network, runtime, left }) =>
    left === undefined ? [] : [`  ${network} on ${runtime}: ${left}`],
  );
  const unknown = networks.filter(({ published }) => !published).map(({ network }) => network);
  const rounds = times[0]?.runs.length ?? 0;
  return [
    `one picture of ${input.join('×')}`,
    '',
    table([header, ...rows]),
    '',
    'ordinary: multiply-adds with an ordinary convolution in place of each separable one',
    'activations: the most that are alive at once, in float32; elementwise operators write over their input',
    ...(runtimes.length ? [`ms: median of ${rounds} rounds, in each of which every network runs once`] : []),
    ...(left.length ? ['not measured:', ...left] : []),
    ...(sources.length ? ['top-1: ImageNet, one model, one crop, as published:', table(sources)] : []),
    ...(chart
      ? [`→ ${printableName(chart)}${unknown.length ? ` (without ${unknown.join(', ')})` : ''}`]
      : []),
  ].join('\n');
}

/** Modules as rows. */
export function describeModules({
  modules,
  ...size
}: ModuleSize & { readonly modules: readonly ComparedModule[] }): string {
  const { channels, filters, size: side, kernel } = size;
  const header = ['', 'parameters', '', 'multiply-adds', 'of ordinary', 'channels', 'source'];
  const rows = modules.map(({ title, formula, source, ...row }) => [
    title,
    formula,
    short(row.parameters),
    short(row.macs),
    percent(1 / row.times),
    row.channels,
    source,
  ]);
  return [
    `M = ${channels} channels in, N = ${filters} out, F = ${side}: a map of ${side}×${side}, K = ${kernel}: ${kernel}×${kernel} kernels`,
    '',
    table([header, ...rows]),
    '',
    'multiply-adds are parameters times F²; no biases',
    "Inception: 3×3 and 5×5 kernels, widths in the proportions of GoogLeNet's module 3a, rounded where 16 does not divide N",
  ].join('\n');
}
