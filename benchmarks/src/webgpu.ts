// Our engine on the GPU beside onnxruntime-web's and TensorFlow.js', interleaved in one page of Chromium on one adapter: the software one, unless
// told otherwise. Times, the first run, dispatches and pipelines, as a table in Markdown.
//
//   node --conditions=@atrous/source benchmarks/src/webgpu.ts [--rounds 3] [--network PATTERN] [--hardware]
import { parseArgs } from 'node:util';
import { openGpuPage } from './gpu_page.ts';
import type { GpuResults } from './webgpu_page.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    network: { type: 'string', default: '' },
    hardware: { type: 'boolean', default: false },
  },
});

const { page, browser, close } = await openGpuPage('webgpu.html', options.hardware);
page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
try {
  await page.waitForFunction('globalThis.bench !== undefined');
  const { adapter, peak, networks } = await page.evaluate(
    ([rounds, network]) =>
      (globalThis as unknown as { bench(rounds: number, only: string): Promise<GpuResults> }).bench(
        rounds,
        network,
      ),
    [Number(options.rounds), options.network] as const,
  );
  console.log(
    `Chromium ${browser.version()}, ${adapter}: a loop in registers reaches ${(peak / 1e9).toFixed(1)} G multiply-adds per second\n`,
  );
  const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(' | ')} |`);
  row([
    'network',
    'runtime',
    'load, ms',
    'first run, ms',
    'ms, least',
    'median',
    'dispatches',
    'pipelines',
    'held, MB',
    'moved, MB',
    'of peak',
    'differs by',
  ]);
  row(['---', '---', ...Array.from({ length: 10 }, () => '---:')]);
  for (const { name, multiplyAdds, results } of networks) {
    for (const { runtime, load, first, runs, dispatches, pipelines, held, moved, difference } of results) {
      const sorted = runs.toSorted((a, b) => a - b);
      const times = [load, first, sorted[0], sorted[sorted.length >> 1]].map((time) => time.toFixed(0));
      const size = `${name} (${(multiplyAdds / 1e9).toFixed(1)} G)`;
      const share = `${((multiplyAdds / peak / sorted[0]) * 1e5).toFixed(0)} %`;
      const memory = [held.toFixed(0), moved?.toFixed(0) ?? ''];
      row([size, runtime, ...times, dispatches, pipelines, ...memory, share, difference.toExponential(0)]);
    }
  }
} finally {
  await close();
}
