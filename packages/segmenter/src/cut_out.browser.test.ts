import { afterAll, beforeAll, expect, test } from 'vitest';
import { Segmenter as InPage } from './browser.ts';
import { Segmenter } from './in_worker.ts';
import { testPicture } from './test_pixels.ts';

const model = new URL('../../golden/models/quarter/', import.meta.url);
const picture = testPicture(90, 60);

let inPage: InPage;
let segmenter: Segmenter;
beforeAll(async () => {
  inPage = await InPage.load(model, { runtime: 'wasm' });
  segmenter = await Segmenter.load(model, { runtime: 'wasm' });
});
afterAll(async () => {
  await inPage.dispose();
  await segmenter.dispose();
});

test('a cut-out comes out of the worker as it does in the page, and can be drawn', async () => {
  const kept = segmenter.classes.slice(0, 6).map(({ id }) => id);
  const there = (await segmenter.segment(picture, { cutOut: kept })).cutOut!;
  expect(there).toEqual((await inPage.segment(picture, { cutOut: kept })).cutOut);
  const image = new ImageData(there.data, there.width, there.height);
  const bitmap = await createImageBitmap(image);
  expect([bitmap.width, bitmap.height]).toEqual([90, 60]);
  bitmap.close();
});

test('a frame that moves to the worker is cut out there', async () => {
  const canvas = new OffscreenCanvas(90, 60);
  canvas.getContext('2d')!.fillRect(20, 20, 30, 30);
  const options = { cutOut: [0], transfer: true };
  const { cutOut } = await segmenter.segment(canvas.transferToImageBitmap(), options);
  expect(cutOut!.data.length).toBe(90 * 60 * 4);
});

test('a class that the model does not have is an error with its code', async () => {
  const call = segmenter.segment(picture, { cutOut: ['nothing'] });
  await expect(call).rejects.toMatchObject({ code: 'input' });
  await expect(call).rejects.toThrow('cutOut: unknown class "nothing": expected one of');
});
