// How fast pictures go through `segmentAll`, beside the network alone, and what memory they take.
// node --expose-gc --conditions=@atrous/source scripts/many_pictures.mjs speed FOLDER [--model people] [--runtime onnx:native|wasm] [--threads N] [--workers N] [--concurrency 3] [--pictures 40]
// node --expose-gc --conditions=@atrous/source scripts/many_pictures.mjs memory [--pictures 5000]
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writePieces } from '../packages/checkpoint/src/node.ts';
import { onnxNative } from '../packages/runtime-onnx/src/native.ts';
import { wasm } from '../packages/runtime-wasm/src/node.ts';
import { segmentToFiles } from '../packages/segmenter/src/files.ts';
import { readPicture, Segmenter, segmentAll } from '../packages/segmenter/src/node.ts';
import { mapInOrder } from '../packages/tensor/src/turns.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'people' },
    runtime: { type: 'string', default: 'onnx:native' },
    threads: { type: 'string' },
    workers: { type: 'string', default: '0' },
    concurrency: { type: 'string', default: '3' },
    pictures: { type: 'string' },
  },
});
const modes = { speed, memory };
await modes[positionals[0]](positionals[1]);

/** A runtime that writes down when each run began and ended. */
function timed(inner) {
  const spans = [];
  return {
    spans,
    runtime: {
      ...inner,
      async load(model, options) {
        const session = await inner.load(model, options);
        return {
          ...session,
          async run(feeds, options) {
            const begin = performance.now();
            try {
              return await session.run(feeds, options);
            } finally {
              spans.push([begin, performance.now()]);
            }
          },
        };
      },
    },
  };
}

/** The share of the time from the first begin to the last end in which a run was under way. */
function busy(spans) {
  const sorted = spans.toSorted((a, b) => a[0] - b[0]);
  let [sum, reached] = [0, sorted[0][0]];
  for (const [begin, end] of sorted) {
    sum += Math.max(0, end - Math.max(begin, reached));
    reached = Math.max(reached, end);
  }
  return sum / (reached - sorted[0][0]);
}

async function speed(folder) {
  const count = Number(values.pictures ?? 40);
  const concurrency = Number(values.concurrency);
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png)$/i.test(name)).sort();
  const paths = Array.from({ length: count }, (_, i) => join(folder, names[i % names.length]));
  const threads = values.threads && { threads: Number(values.threads) };
  const { runtime, spans } = timed(
    values.runtime === 'wasm'
      ? wasm({ ...threads })
      : onnxNative({ ...threads, workers: Number(values.workers) }),
  );
  const segmenter = await Segmenter.load(resolve(import.meta.dirname, `../packages/model-${values.model}`), {
    runtime,
  });
  for (const path of paths.slice(0, 3)) await segmenter.segment(path);
  const out = await mkdtemp(join(tmpdir(), 'atrous-many-'));
  const write = async (path, index, signal) => {
    const files = await segmentToFiles(segmenter, await readPicture(path), ['mask', 'overlay'], { signal });
    for (const format of ['mask', 'overlay'])
      await writePieces(join(out, `${index}.${format}.png`), { pieces: files.encode(format, path) });
  };
  const ways = {
    'one after the other': async () => {
      for (const path of paths) await segmenter.segment(path);
    },
    segmentAll: async () => {
      for await (const { error } of segmentAll(segmenter, paths, { concurrency })) if (error) throw error;
    },
    'one after the other, with files': async () => {
      for (const [i, path] of paths.entries()) await write(path, i);
    },
    'mapInOrder, with files': async () => {
      for await (const _ of mapInOrder(paths, write, { concurrency }));
    },
  };
  console.log(
    `${count} pictures, ${values.model} on ${runtime.name}, threads: ${values.threads ?? 'its own choice'}, workers: ${values.workers}, ${concurrency} at once`,
  );
  for (const [name, way] of Object.entries(ways)) {
    spans.length = 0;
    const time = await seconds(way);
    const share = (100 * busy(spans)).toFixed(0);
    console.log(
      `${name}: ${((1000 * time) / count).toFixed(0)} ms a picture, the network runs ${share} % of the time`,
    );
  }
  await rm(out, { recursive: true });
  await segmenter.dispose();
}

async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function memory() {
  const count = Number(values.pictures ?? 5000);
  const segmenter = await Segmenter.load(resolve(import.meta.dirname, '../packages/golden/models/quarter'));
  segmenter.config.preprocess.size = { mode: 'longest-side', pixels: 96, multipleOf: 16 };
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
