// Frames through a stream with a tiny network: what the process holds, every so many frames, after a collection.
// node --expose-gc --conditions=@atrous/source scripts/stream_memory.mjs [frames] [width] [height]
import { Segmenter } from '../packages/segmenter/src/node.ts';
import { saveModel } from '../packages/zoo/src/node.ts';
import { memoryFolder } from '../packages/zoo/src/test_folder.ts';
import { tinyConfig, tinyModel } from '../packages/zoo/src/test_model.ts';

const [frames = 2000, width = 640, height = 360] = process.argv.slice(2).map(Number);
const every = Math.max(1, Math.floor(frames / 10));

/** As a decoder gives them: each in memory of its own. */
function* moving() {
  for (let i = 0; i < frames; i++) {
    yield { width, height, data: new Uint8Array(width * height * 3).fill(i % 256) };
  }
}

const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
function measure(count) {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(
    `${count} frames: RSS ${mebibytes(rss)} MiB, heap ${mebibytes(heapUsed)}, outside it ${mebibytes(external)}`,
  );
  return heapUsed + external;
}

const folder = memoryFolder();
await saveModel(folder.sink, tinyModel, tinyConfig, ['float32']);
const segmenter = await Segmenter.load(folder.files(), { threads: 1, precision: 'float32' });
const began = performance.now();
const measured = [];
let count = 0;
for await (const { labels } of segmenter.stream(moving(), { smoothing: 0.5 })) {
  if (labels.width !== width) throw new Error(`a label map of ${labels.width} columns`);
  if (++count % every === 0) measured.push(measure(count));
}
const seconds = (performance.now() - began) / 1000;
await segmenter.dispose();
// the least of each half: memory of workers is freed some time after a collection
const half = measured.length >> 1;
const growth = Math.min(...measured.slice(half)) / Math.min(...measured.slice(0, half));
console.log(
  `${count} frames of ${width}×${height} in ${seconds.toFixed(1)} s; in the second half memory was at least ${growth.toFixed(3)} times the first's`,
);
process.exitCode = count === frames && growth < 1.05 ? 0 : 1;
