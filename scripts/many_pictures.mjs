// How fast pictures go through `segmentAll`, beside the network alone, and what memory they take.
// node --expose-gc --conditions=@atrous/source scripts/many_pictures.mjs speed FOLDER [--model people] [--runtime wasm] [--threads N] [--concurrency 3] [--pictures 40]
// node --expose-gc --conditions=@atrous/source scripts/many_pictures.mjs memory [--pictures 5000]
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeLabelPng } from '../apps/cli/src/png_files.ts';
import { paletteOf } from '../packages/mask/src/index.ts';
import { onnx } from '../packages/runtime-onnx/src/node.ts';
import { Segmenter, segmentAll } from '../packages/segmenter/src/node.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'people' },
    runtime: { type: 'string', default: 'auto' },
    threads: { type: 'string' },
    concurrency: { type: 'string', default: '3' },
    pictures: { type: 'string' },
  },
});
const load = (model) => {
  const { runtime, threads } = values;
  const folder = resolve(import.meta.dirname, `../packages/${model}`);
  return Segmenter.load(folder, {
    runtimes: [onnx()],
    runtime,
    ...(threads && { threads: Number(threads) }),
  });
};
const modes = { speed, memory };
await modes[positionals[0]](positionals[1]);

async function speed(folder) {
  const count = Number(values.pictures ?? 40);
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png)$/i.test(name)).sort();
  const paths = Array.from({ length: count }, (_, i) => join(folder, names[i % names.length]));
  const segmenter = await load(`model-${values.model}`);
  for (const path of paths.slice(0, 3)) await segmenter.segment(path);

  const stages = { decode: 0, prepare: 0, run: 0, labels: 0 };
  const one = async () => {
    for (const path of paths) {
      const { timings } = await segmenter.segment(path);
      for (const stage in stages) stages[stage] += timings[stage] / count;
    }
  };
  const oneByOne = (await seconds(one)) / count;
  const out = await mkdtemp(join(tmpdir(), 'atrous-many-'));
  const rows = { 'network alone': stages.run / 1000, 'one by one, nothing written': oneByOne };
  const all = (use) => async () => {
    const options = { concurrency: Number(values.concurrency) };
    for await (const { index, segmentation, error } of segmentAll(segmenter, paths, options)) {
      if (error) throw error;
      await use?.(index, segmentation);
    }
  };
  rows['segmentAll'] = (await seconds(all())) / count;
  rows['segmentAll, masks written'] =
    (await seconds(
      all((index, { labels, classes }) =>
        writeLabelPng(join(out, `${index % names.length}.png`), labels, paletteOf(classes)),
      ),
    )) / count;
  await rm(out, { recursive: true });
  console.log(`${count} pictures, ${values.model} on ${segmenter.runtime}`);
  console.log(
    'stages of one by one, ms:',
    JSON.stringify(stages, (_, v) => (typeof v === 'number' ? Math.round(v) : v)),
  );
  for (const [what, s] of Object.entries(rows)) {
    console.log(
      `${what}: ${(1000 * s).toFixed(0)} ms a picture, ${((100 * stages.run) / (1000 * s)).toFixed(0)} % of the network's speed`,
    );
  }
  await segmenter.dispose();
}

async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function memory() {
  const count = Number(values.pictures ?? 5000);
  const segmenter = await load('golden/models/quarter');
  const data = Uint8Array.from({ length: 320 * 240 * 3 }, (_, i) => (i * 37) % 256);
  const pictures = function* () {
    for (let i = 0; i < count; i++)
      yield () => ({ width: 320 - (i % 7), height: 240, data: data.slice(0, (320 - (i % 7)) * 240 * 3) });
  };
  const megabytes = () => {
    gc();
    return Math.round(process.memoryUsage.rss() / 1e6);
  };
  let done = 0;
  for await (const { error } of segmentAll(segmenter, pictures())) {
    if (error) throw error;
    done++;
    if (done === 100 || done % (count / 10) === 0) console.log(`${done} pictures: ${megabytes()} MB`);
  }
  await segmenter.dispose();
}
