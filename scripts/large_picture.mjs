// A picture of 24 megapixels seen by windows: peak memory above the loaded model, labels beside those of the whole, and how soon an abort ends it.
// node --expose-gc --conditions=@atrous/source scripts/large_picture.mjs [--model street] [--runtime wasm|onnx:native] [--width 6000] [--height 4000] [--window 768] [--whole]
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onnxNative } from '../packages/runtime-onnx/src/native.ts';
import { wasm } from '../packages/runtime-wasm/src/node.ts';
import { Segmenter } from '../packages/segmenter/src/node.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'street' },
    runtime: { type: 'string', default: 'wasm' },
    width: { type: 'string', default: '6000' },
    height: { type: 'string', default: '4000' },
    window: { type: 'string', default: '768' },
    whole: { type: 'boolean', default: false },
  },
});
const root = resolve(import.meta.dirname, '..');
const sharp = createRequire(join(root, 'packages/segmenter/package.json'))('sharp');
const [width, height, window] = [values.width, values.height, values.window].map(Number);

const folder = await mkdtemp(join(tmpdir(), 'atrous-large-'));
const path = join(folder, 'large.jpg');
await sharp(await mosaic())
  .jpeg({ quality: 90 })
  .toFile(path);
sharp.cache(false);

/** The repository's photo, again and again, each time of another size and brightness. */
async function mosaic() {
  const photo = join(root, 'apps/cli/examples/astronaut.png');
  const tiles = [];
  for (let y = 0, i = 0; y < height; y += 1000) {
    for (let x = 0; x < width; x += 1000, i++) {
      const side = 1000 + (i % 5) * 150;
      const input = await sharp(photo)
        .resize(side)
        .extract({ left: 0, top: 0, width: Math.min(1000, width - x), height: Math.min(1000, height - y) })
        .modulate({ brightness: 0.8 + (i % 4) * 0.1 })
        .flop(i % 2 === 1)
        .toBuffer();
      tiles.push({ input, left: x, top: y });
    }
  }
  return sharp({ create: { width, height, channels: 3, background: '#777' } })
    .composite(tiles)
    .png({ compressionLevel: 1 })
    .toBuffer();
}

const megabytes = () => {
  gc();
  return process.memoryUsage.rss() / 1e6;
};
/** The model at the pictures' own size. */
const size = { mode: 'original', multipleOf: 16 };
const runtime = values.runtime === 'wasm' ? wasm() : onnxNative();
const segmenter = await Segmenter.load(join(root, `packages/model-${values.model}`), { runtime });
segmenter.config.preprocess.size = size;

const before = megabytes();
let most = 0;
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss() / 1e6);
}, 5);
let windows = 0;
const start = performance.now();
const { labels } = await segmenter.segment(path, {
  window,
  onProgress({ done, total }) {
    windows = total;
    most = Math.max(most, process.memoryUsage.rss() / 1e6);
    if (done === 1)
      console.log(`${width}×${height}, ${values.model} on ${segmenter.runtime}: ${total} windows`);
  },
});
const seconds = (performance.now() - start) / 1000;
clearInterval(watch);
console.log(
  `${seconds.toFixed(1)} s, ${(most - before).toFixed(0)} MB above the loaded model (${before.toFixed(0)} MB)`,
);

const stop = new AbortController();
let aborted = 0;
let after = 0;
await segmenter
  .segment(path, {
    window,
    signal: stop.signal,
    onProgress() {
      if (aborted) after++;
      aborted ||= performance.now();
      stop.abort(new Error('enough'));
    },
  })
  .catch(() => {});
console.log(
  `an abort after the first window ended it in ${(performance.now() - aborted).toFixed(0)} ms, ${after} windows later; a window takes ${((1000 * seconds) / windows).toFixed(0)} ms`,
);

if (values.whole) {
  const whole = await segmenter.segment(path, { window: false });
  let same = 0;
  for (let i = 0; i < labels.data.length; i++) if (labels.data[i] === whole.labels.data[i]) same++;
  console.log(`${((100 * same) / labels.data.length).toFixed(2)} % of the labels are those of the whole`);
}
await segmenter.dispose();
await rm(folder, { recursive: true });
