// Our own engine on the GPU beside onnxruntime-web, TensorFlow.js and LiteRT.js, interleaved in one page of Chromium on one adapter: the software
// one, unless told otherwise. Times, the first run, dispatches and pipelines, as a table in Markdown, each network's when it is measured.
//
//   node --conditions=@atrous/source benchmarks/src/webgpu.ts [--rounds 3] [--network PART] [--runtimes webgpu,onnx:webgpu] [--json FILE] [--hardware]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openGpuPage } from './gpu_page.ts';
import type { GpuBench, GpuNetwork } from './webgpu_page.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    network: { type: 'string', default: '' },
    runtimes: { type: 'string' },
    json: { type: 'string' },
    hardware: { type: 'boolean', default: false },
  },
});

const { page, browser, close } = await openGpuPage('webgpu.html', options.hardware);
page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
declare const bench: GpuBench; // the page's
try {
  await page.waitForFunction('globalThis.bench !== undefined');
  const known = await page.evaluate(() => bench.runtimes);
  const runtimes = options.runtimes?.split(',') ?? known;
  const unknown = runtimes.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--runtimes ${unknown}: expected some of ${known.join(', ')}`);
  const { adapter, peak, networks } = await page.evaluate(() => bench.begin());
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
  const measured: GpuNetwork[] = [];
  for (const network of networks.filter((name) => name.includes(options.network))) {
    const one = await page.evaluate(([name, rounds, among]) => bench.measure(name, rounds, among), [
      network,
      Number(options.rounds),
      runtimes,
    ] as const);
    measured.push(one);
    const { name, multiplyAdds, results } = one;
    for (const { runtime, load, first, runs, dispatches, pipelines, held, moved, difference } of results) {
      const sorted = runs.toSorted((a, b) => a - b);
      const times = [load, first, sorted[0], sorted[sorted.length >> 1]].map((time) => time.toFixed(0));
      const size = `${name} (${(multiplyAdds / 1e9).toFixed(1)} G)`;
      const share = `${((multiplyAdds / peak / sorted[0]) * 1e5).toFixed(0)} %`;
      const memory = [held.toFixed(0), moved?.toFixed(0) ?? ''];
      row([size, runtime, ...times, dispatches, pipelines, ...memory, share, difference.toExponential(0)]);
    }
    if (options.json) {
      const results = { chromium: browser.version(), adapter, peak, networks: measured };
      await writeFile(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
    }
  }
} finally {
  await close();
}
