import { encodePng } from '@atrous/mask';
import { loadModel } from '@atrous/zoo';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPicture, Segmenter } from './browser.ts';
import { prepare } from './prepare.ts';
import { digest, preparedDigest, testPicture } from './test_pixels.ts';

const people = new URL('../../model-people/', import.meta.url);
const wasm = new URL(wasmUrl, location.href);

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await Segmenter.load(people, { wasm });
});
afterAll(() => segmenter.dispose());

test('auto takes our own engine where the only GPU is a software one, and says so', () => {
  expect(segmenter.runtime).toBe('wasm');
  expect(segmenter.reason).toMatch(/onnx:webgpu: the only WebGPU adapter is a software one/);
});

test('equal pixels give equal bits, here and in Node', async () => {
  const { config } = await loadModel(people, { precision: 'float16' });
  const size = { mode: 'longest-side', pixels: 96, multipleOf: 16 } as const;
  const { data } = prepare(testPicture(311, 207), { ...config!.preprocess, size });
  expect(await digest(data)).toBe(preparedDigest);
});

test('half the bytes are fetched, and kept in Cache Storage', async () => {
  const files: string[] = [];
  const cache = await caches.open('atrous-test');
  const load = () =>
    Segmenter.load(people, {
      wasm,
      cache,
      onProgress: ({ phase, file }) => phase === 'download' && files.push(file),
    });
  await (await load()).dispose();
  expect(files.at(-1)).toMatch(/model\.fp16\.safetensors$/);
  files.length = 0;
  await (await load()).dispose();
  expect(files).toEqual([]);
  await caches.delete('atrous-test');
});

describe('pictures of every kind give one label map', () => {
  /** Opaque: browsers multiply alpha in. */
  const { width, height, data } = testPicture(60, 40);
  const opaque = Uint8ClampedArray.from(data, (value, i) => (i % 4 === 3 ? 255 : value));
  const imageData = new ImageData(opaque, width, height);
  const blob = new Blob([encodePng(imageData) as BlobPart], { type: 'image/png' });
  const canvas = (): HTMLCanvasElement => {
    const element = Object.assign(document.createElement('canvas'), { width, height });
    element.getContext('2d')!.putImageData(imageData, 0, 0);
    return element;
  };
  const element = async (): Promise<HTMLImageElement> => {
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    return image;
  };
  const kinds: [
    string,
    () => Parameters<Segmenter['segment']>[0] | Promise<Parameters<Segmenter['segment']>[0]>,
  ][] = [
    ['ImageData', () => imageData],
    ['raw pixels', () => ({ width, height, data: opaque })],
    ['ImageBitmap', () => createImageBitmap(imageData)],
    ['HTMLImageElement', element],
    ['HTMLCanvasElement', canvas],
    [
      'OffscreenCanvas',
      () => {
        const offscreen = new OffscreenCanvas(width, height);
        offscreen.getContext('2d')!.putImageData(imageData, 0, 0);
        return offscreen;
      },
    ],
    ['VideoFrame', () => new VideoFrame(canvas(), { timestamp: 0 })],
    ['Blob', () => blob],
    ['File', () => new File([blob], 'picture.png')],
  ];
  test.each(kinds)('%s', async (name, make) => {
    const expected = await segmenter.segment(imageData);
    const picture = await make();
    const { labels } = await segmenter.segment(picture);
    expect([labels.width, labels.height]).toEqual([width, height]);
    if (name === 'VideoFrame') (picture as VideoFrame).close();
    const same = labels.data.filter((label, i) => label === expected.labels.data[i]).length;
    expect(same / labels.data.length).toBe(1);
  });
});

describe('what is no picture is an error', () => {
  test('text in a Blob', async () => {
    const file = new File(['no picture'], 'notes.jpg', { type: 'image/jpeg' });
    await expect(readPicture(file)).rejects.toThrow('notes.jpg: this browser cannot decode it');
  });
  test('an empty Blob', async () => {
    await expect(readPicture(new Blob([]))).rejects.toThrow('the file is empty (0 bytes)');
  });
  test('an image that has not loaded', async () => {
    await expect(readPicture(new Image())).rejects.toThrow('it is 0×0; wait until it has loaded');
  });
  test('nothing', async () => {
    await expect(readPicture(undefined as never)).rejects.toThrow('got undefined');
  });
});
