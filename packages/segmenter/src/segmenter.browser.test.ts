import { encodePng } from '@atrous/mask';
import { onnx } from '@atrous/runtime-onnx';
import { loadModel } from '@atrous/zoo';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import cmykUrl from '../fixtures/cmyk_adobe.jpg?url';
import pillow from '../fixtures/pillow.json' with { type: 'json' };
import avifUrl from '../fixtures/squares.avif?url';
import gifUrl from '../fixtures/squares.gif?url';
import tiffUrl from '../fixtures/squares.tif?url';
import { type Pixels, readPicture, Segmenter } from './browser.ts';
import { prepare } from './prepare.ts';
import { halfImageData } from './test_half.ts';
import { digest, preparedDigest, testPicture } from './test_pixels.ts';

const people = new URL('../../model-people-small/', import.meta.url);
const wasm = new URL(wasmUrl, location.href);

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await Segmenter.load(people, { runtimes: [onnx({ wasm })] });
});
afterAll(() => segmenter.dispose());

test('auto takes our own engine where the only GPU is a software one, and says so', () => {
  expect(segmenter.runtime).toBe('wasm');
  expect(segmenter.reason).toMatch(/onnx:webgpu: the only WebGPU adapter is a software one/);
});

test('equal pixels give equal bits, here and in Node', async () => {
  const { config } = await loadModel(people);
  const size = { mode: 'longest-side', pixels: 96, multipleOf: 16 } as const;
  const { data } = prepare(testPicture(311, 207), { ...config!.preprocess, size });
  expect(await digest(data)).toBe(preparedDigest);
});

test.each([
  ['its config’s order says', new URL('../../model-people/', import.meta.url), 'model.int8.safetensors'],
  [
    'have half the bytes, without an order',
    new URL('../../golden/models/quarter/', import.meta.url),
    'model.fp16.safetensors',
  ],
])('of a model’s weights those are fetched that %s, and kept in Cache Storage', async (_, model, weights) => {
  const files: string[] = [];
  const cache = await caches.open('atrous-test');
  const load = () =>
    Segmenter.load(model, {
      wasm,
      cache,
      onProgress: ({ phase, file }) => phase === 'download' && files.push(file),
    });
  await (await load()).dispose();
  expect(files.at(-1)?.split('/').at(-1)).toBe(weights);
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

describe('bytes and pixels of other kinds', () => {
  /** Opaque, and of one colour space. */
  const listed = ({ width, height, data }: Pixels) => [width, height, ...data];
  const red = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const data = Uint8ClampedArray.of(255, 0, 0, 255, 0, 0, 255, 255);
    return Uint8Array.from(encodePng({ width: 2, height: 1, data }));
  };
  const expected = [2, 1, 255, 0, 0, 255, 0, 0, 255, 255];

  test('the bytes of a file, in memory of any kind', async () => {
    const png = await red();
    const shared = new Uint8Array(new SharedArrayBuffer(png.length));
    shared.set(png);
    for (const bytes of [png, png.buffer, new DataView(png.buffer), shared, shared.buffer]) {
      expect(listed(await readPicture(bytes))).toEqual(expected);
    }
  });

  test.each<[string, string, number]>([
    ['AVIF', avifUrl, 2],
    ['GIF, its first frame', gifUrl, 1],
    ['CMYK as JPEG', cmykUrl, 5],
  ])('%s', async (_, url, most) => {
    const name = url.split('/').at(-1)!.split('?')[0] as keyof typeof pillow;
    const { width, height, data } = await readPicture(await (await fetch(url)).blob());
    expect([width, height]).toEqual([16, 16]);
    const centres = [4 * 16 + 4, 4 * 16 + 12, 12 * 16 + 4, 12 * 16 + 12];
    for (const [i, at] of centres.entries()) {
      for (let c = 0; c < 3; c++) {
        expect(Math.abs(data[4 * at + c] - pillow[name][i][c])).toBeLessThanOrEqual(most);
      }
    }
  });

  test('Display-P3 and float16 become 8 bits in sRGB, as a canvas does it', async () => {
    const settings = { colorSpace: 'display-p3' } as const;
    const wide = new ImageData(Uint8ClampedArray.of(127, 191, 77, 255), 1, 1, settings);
    const context = new OffscreenCanvas(1, 1).getContext('2d')!;
    context.putImageData(wide, 0, 0);
    const canvas = context.getImageData(0, 0, 1, 1).data;
    const { data } = await readPicture(wide);
    for (let c = 0; c < 4; c++) expect(Math.abs(data[c] - canvas[c])).toBeLessThanOrEqual(1);
    expect(Math.abs(data[0] - 127)).toBeGreaterThan(20);

    const half = halfImageData([127 / 255, 191 / 255, 77 / 255, 1, 2, -1, 0, 1]);
    expect([...(await readPicture(half)).data]).toEqual([127, 191, 77, 255, 255, 0, 0, 255]);
  });

  test('pixels that cost nothing stay what they are', async () => {
    const pixels = new ImageData(8, 8);
    expect(await readPicture(pixels)).toBe(pixels);
  });
});

describe('what is no picture is an error', () => {
  test('text in a Blob', async () => {
    const file = new File(['no picture'], 'notes.jpg', { type: 'image/jpeg' });
    await expect(readPicture(file)).rejects.toThrow('notes.jpg: this browser cannot decode it');
  });
  test('formats that only some browsers read say what to do', async () => {
    const heic = Uint8Array.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1', (c) => c.charCodeAt(0));
    await expect(readPicture(heic)).rejects.toThrow('(HEIC: convert it to JPEG or PNG)');
    const tiff = await (await fetch(tiffUrl)).arrayBuffer();
    await expect(readPicture(tiff)).rejects.toThrow('(TIFF: convert it to JPEG or PNG)');
  });
  test('an empty Blob, and memory that is gone', async () => {
    await expect(readPicture(new Blob([]))).rejects.toThrow('the file is empty (0 bytes)');
    const data = new Uint8ClampedArray(4);
    const pixels = new ImageData(data, 1, 1);
    structuredClone(data, { transfer: [data.buffer] });
    await expect(readPicture(pixels)).rejects.toMatchObject({ code: 'input' });
    await expect(readPicture(data.buffer)).rejects.toThrow('its memory is gone');
  });
  test('an image that has not loaded', async () => {
    await expect(readPicture(new Image())).rejects.toThrow('it is 0×0; wait until it has loaded');
  });
  test('what was closed', async () => {
    const bitmap = await createImageBitmap(new ImageData(2, 2));
    const frame = new VideoFrame(bitmap, { timestamp: 0 });
    frame.close();
    bitmap.close();
    await expect(readPicture(frame)).rejects.toThrow('this VideoFrame was closed, or transferred elsewhere');
    await expect(readPicture(bitmap)).rejects.toThrow(
      'this ImageBitmap was closed, or transferred elsewhere',
    );
  });
  test.each<[unknown, string]>([
    [undefined, 'got undefined'],
    [null, 'got null'],
    [{}, 'got an object'],
    ['photo.jpg', 'a URL is not read in browsers, got "photo.jpg"'],
    [new URL('http://127.0.0.1/a.png'), 'a URL is not read in browsers'],
    [{ width: 1, height: 1, data: new Float32Array(4) }, 'got Float32Array'],
  ])('%s', async (picture, message) => {
    await expect(readPicture(picture as never)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining(message),
    });
  });
  test('a file of more pixels than the limit, before it is decoded', async () => {
    const huge = new Uint8Array(100);
    huge.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    new DataView(huge.buffer).setUint32(16, 50_000);
    new DataView(huge.buffer).setUint32(20, 50_000);
    await expect(readPicture(huge)).rejects.toThrow('50000×50000 is 2500000000 pixels: expected at most');
    const avif = await (await fetch(avifUrl)).blob(); // whose header is not read
    await expect(readPicture(avif, { maxPixels: 255 })).rejects.toThrow('16×16 is 256 pixels');
  });
});

test('what cannot be loaded is an error of ours', async () => {
  for (const location of [null, undefined, 7]) {
    await expect(Segmenter.load(location as never)).rejects.toMatchObject({ code: 'input' });
  }
  for (const options of [null, { threads: 1.5 }, { runtime: null }]) {
    await expect(Segmenter.load(people, options as never)).rejects.toMatchObject({ code: 'input' });
  }
});
