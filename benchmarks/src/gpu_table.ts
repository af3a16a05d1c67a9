// What webgpu.json says, in Markdown.
import { median, minimum } from './results.ts';
import type { GpuNetwork, GpuResult } from './webgpu_page.ts';

/** A network, and when and where it was measured: others may be older. */
export interface GpuMeasured extends GpuNetwork {
  readonly date: string;
  readonly chromium: string;
  readonly adapter: string;
  /** What a loop in registers reached then, multiply-adds per second. */
  readonly peak: number;
}

const billions = (value: number): string => (value / 1e9).toFixed(1);
const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

export const gpuHead: readonly string[] = (() => {
  // biome-ignore format: a list
  const names = ['network', 'runtime', 'load, ms', 'first run, ms', 'ms, least', 'median', 'dispatches', 'pipelines', 'held, MB', 'moved, MB', 'of peak', 'differs by'];
  return [line(names), line(names.map((_, i) => (i < 2 ? '---' : '---:')))];
})();

/** A network's rows. */
export function gpuRows({ name, multiplyAdds, peak, results }: GpuMeasured): string[] {
  const size = `${name} (${billions(multiplyAdds)} G)`;
  return results.map(({ runtime, load, first, runs, dispatches, pipelines, held, moved, difference }) => {
    const times = [load, first, minimum(runs), median(runs)].map((time) => time.toFixed(0));
    const memory = [held.toFixed(0), moved?.toFixed(0) ?? ''];
    const share = `${((multiplyAdds / peak / minimum(runs)) * 1e5).toFixed(0)} %`;
    return line([
      size,
      runtime,
      ...times,
      dispatches,
      pipelines,
      ...memory,
      share,
      difference.toExponential(0),
    ]);
  });
}

/** Each of them once. */
const listed = (values: readonly string[]): string => [...new Set(values)].join(', ');

const where = (networks: readonly GpuMeasured[]): string => {
  const peaks = range(networks.map(({ peak }) => peak / 1e9));
  const by = ({ chromium, adapter }: GpuMeasured) => `Chromium ${chromium} on ${adapter}`;
  return `${listed(networks.map(({ date }) => date))}, ${listed(networks.map(by))} (${peaks} G multiply-adds per second in registers).`;
};

export const gpuTable = (networks: readonly GpuMeasured[]): string =>
  ['', where(networks), '', ...gpuHead, ...networks.flatMap(gpuRows), ''].join('\n');

/** From least to most, with one number where they are the same. */
function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(1));
  return least === most ? least : `${least} to ${most}`;
}

const peers = {
  'onnx:webgpu': 'onnxruntime-web',
  'tfjs:webgpu': 'TensorFlow.js',
  'LiteRT.js webgpu': 'LiteRT.js',
};

/** Our own engine beside each peer, over all networks. */
export function gpuSummary(networks: readonly GpuMeasured[]): string {
  const rows = Object.entries(peers).flatMap(([peer, title]) => {
    const pairs = networks.flatMap(({ results }) => {
      const [own, other] = ['webgpu', peer].map((name) => results.find(({ runtime }) => runtime === name));
      return own && other ? [[own, other] as const] : [];
    });
    if (pairs.length === 0) return [];
    const times = (of: (row: GpuResult) => number) =>
      `${range(pairs.map(([own, other]) => of(other) / of(own)))} ×`;
    const first = times(({ load, first }) => load + first);
    return [line([title, times(({ runs }) => minimum(runs)), first, times(({ dispatches }) => dispatches)])];
  });
  const names = networks.map(({ name, results }) => {
    return `${name} (${results.find(({ runtime }) => runtime === 'webgpu')!.dispatches} dispatches)`;
  });
  return [
    '',
    `What others take on WebGPU of what ours takes, on the software adapter of Chromium, ${listed(networks.map(({ adapter }) => adapter))}, for ${names.join('; ')}:`,
    '',
    line(['', 'a run', 'from a model in memory to the first answer, kernels compiled', 'dispatches']),
    line(['---', '---', '---', '---']),
    ...rows,
    '',
  ].join('\n');
}
