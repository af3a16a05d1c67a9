import { encodePng, type Pixels } from '@atrous/mask';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Segmenter as InPage } from './browser.ts';
import { Segmenter } from './in_worker.ts';
import { halfImageData } from './test_half.ts';
import { testPicture } from './test_pixels.ts';

const people = new URL('../../model-people-small/', import.meta.url);
const picture = testPicture(120, 80);
const bitmap = () =>
  createImageBitmap(
    new ImageData(
      Uint8ClampedArray.from(picture.data, (v, i) => (i % 4 === 3 ? 255 : v)),
      120,
      80,
    ),
  );

let inPage: InPage;
let segmenter: Segmenter;
beforeAll(async () => {
  inPage = await InPage.load(people, { runtime: 'wasm' });
  segmenter = await Segmenter.load(people, { runtime: 'wasm' }); // with the package's own worker
});
afterAll(async () => {
  await inPage.dispose();
  await segmenter.dispose();
});

test('what is transferred is gone here, what is not stays', async () => {
  const [kept, given] = [await bitmap(), await bitmap()];
  const a = await segmenter.segment(kept);
  const b = await segmenter.segment(given, { transfer: true });
  expect([kept.width, given.width]).toEqual([120, 0]);
  expect(b.labels).toEqual(a.labels);
  kept.close();
  const frame = new VideoFrame(await bitmap(), { timestamp: 0 });
  await segmenter.segment(frame, { transfer: true });
  expect(frame.format).toBeNull();
});

test('windows are told of on the page, and an abort ends with the one under way', async () => {
  const told: number[][] = [];
  const { labels } = await segmenter.segment(picture, {
    window: 160,
    onProgress: ({ done, total }) => told.push([done, total]),
  });
  const total = told.length;
  expect(total).toBeGreaterThan(3);
  expect(told).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));
  expect(labels).toEqual((await inPage.segment(picture, { window: 160 })).labels);
  const stop = new AbortController();
  const looking = segmenter.segment(picture, {
    window: 160,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('enough')),
  });
  await expect(looking).rejects.toThrow('enough');
  expect((await segmenter.segment(picture)).labels.width).toBe(120);
});

test('bytes, wide pixels and float16 are taken in as in the page', async () => {
  const wide = new ImageData(Uint8ClampedArray.from(picture.data), 120, 80, { colorSpace: 'display-p3' });
  const plain = await segmenter.segment(picture, { logits: true });
  expect((await segmenter.segment(wide, { logits: true })).logits).not.toEqual(plain.logits);
  const half = halfImageData(Array.from(picture.data.subarray(0, 480), (value) => value / 255));
  const png = Uint8Array.from(encodePng(picture as Pixels));
  const shared = new Uint8ClampedArray(new SharedArrayBuffer(picture.data.length));
  shared.set(picture.data);
  for (const each of [wide, half, png, png.buffer, { width: 120, height: 80, data: shared }]) {
    const expected = await inPage.segment(each, { logits: true });
    const options = { logits: true, transfer: each !== png };
    expect((await segmenter.segment(each, options)).logits).toEqual(expected.logits);
  }
});

test('what was closed, is gone or cannot be posted is an error of ours', async () => {
  const closed = await bitmap();
  closed.close();
  const data = new Uint8ClampedArray(4);
  structuredClone(data, { transfer: [data.buffer] });
  const ofWasm = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 4);
  const pixels = [data, ofWasm].map((values) => ({ width: 1, height: 1, data: values }));
  for (const given of [closed, ...pixels, new Uint8Array(0), 'photo.jpg', null, {}]) {
    const call = segmenter.segment(given as never, { transfer: true });
    await expect(call).rejects.toMatchObject({ name: 'AtrousError', code: 'input' });
  }
});

test('the pixel limit reaches the worker', async () => {
  const png = encodePng(picture as Pixels) as Uint8Array<ArrayBuffer>;
  const options = { maxPixels: 120 * 80 - 1 };
  await expect(segmenter.segment(png, options)).rejects.toThrow(
    '120×80 is 9600 pixels: expected at most 9599',
  );
  await expect(segmenter.features(png, ['logits'], options)).rejects.toThrow('expected at most 9599');
});

test('elements are drawn', async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 120, height: 80 });
  canvas.getContext('2d')!.drawImage(await bitmap(), 0, 0);
  const { labels } = await segmenter.segment(canvas);
  expect(labels).toEqual((await inPage.segment(canvas)).labels);
  await expect(segmenter.segment(new Image())).rejects.toMatchObject({ code: 'input' });
});
