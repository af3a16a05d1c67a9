// Our own engine on the GPU beside onnxruntime-web, TensorFlow.js and LiteRT.js, interleaved in one page of Chromium on one adapter: the software
// one, unless told otherwise. Times, the first run, dispatches and pipelines, as a table in Markdown, each network's when it is measured;
// --save puts it into webgpu.json, beside what was measured of other networks, and into READMEs.
//
//   node --conditions=@atrous/source benchmarks/src/webgpu.ts [--rounds 3] [--network PART] [--runtimes webgpu,onnx:webgpu] [--save] [--hardware]
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openGpuPage } from './gpu_page.ts';
import { type GpuMeasured, gpuHead, gpuRows } from './gpu_table.ts';
import { writeTexts } from './texts.ts';
import type { GpuBench } from './webgpu_page.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    network: { type: 'string', default: '' },
    runtimes: { type: 'string' },
    save: { type: 'boolean', default: false },
    hardware: { type: 'boolean', default: false },
  },
});

const file = fileURLToPath(new URL('../webgpu.json', import.meta.url));
const saved = () => JSON.parse(readFileSync(file, 'utf8')) as GpuMeasured[];
function save(results: readonly GpuMeasured[]): void {
  if (!options.save) return;
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  writeTexts();
}

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
  for (const line of gpuHead) console.log(line);
  for (const network of networks.filter((name) => name.includes(options.network))) {
    const one = await page.evaluate(([name, rounds, among]) => bench.measure(name, rounds, among), [
      network,
      Number(options.rounds),
      runtimes,
    ] as const);
    const date = new Date().toISOString().slice(0, 10);
    const measured = { ...one, date, chromium: browser.version(), adapter, peak };
    for (const line of gpuRows(measured)) console.log(line);
    const others = saved().filter(({ name }) => name !== one.name);
    save(networks.flatMap((name) => [...others, measured].filter((each) => each.name === name)));
  }
} finally {
  await close();
}
