import type { Preprocess } from '@atrous/zoo';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelsOf, toRgba } from './pixels.ts';
import { inputSize, type Preparation, placeInput } from './placement.ts';
import { prepare } from './prepare.ts';
import { resampleTaps } from './resize.ts';
import { digest, preparedDigest, testPicture } from './test_pixels.ts';

const preprocess: Preprocess = {
  size: { mode: 'longest-side', pixels: 96, multipleOf: 16 },
  fit: 'stretch',
  filter: 'bilinear-antialiased',
  channels: 'RGB',
  range: [0, 255],
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};
const plain: Preprocess = { ...preprocess, mean: [0, 0, 0], std: [1, 1, 1] };
const fixed = (height: number, width: number) => ({ mode: 'fixed', height, width }) as const;

test('equal pixels give equal bits, here and in browsers', async () => {
  expect(await digest(prepare(testPicture(311, 207), preprocess).data)).toBe(preparedDigest);
});

describe('the input size', () => {
  test('has the longest side, rounded to multiples, and never none', () => {
    const size = { mode: 'longest-side', pixels: 384, multipleOf: 16 } as const;
    expect(inputSize(size, 600, 400)).toEqual({ height: 384, width: 256 });
    expect(inputSize(size, 40, 12000)).toEqual({ height: 16, width: 384 });
    expect(inputSize(size, 1, 1)).toEqual({ height: 384, width: 384 });
  });
  test('is the picture’s own where that is asked for, or fixed', () => {
    expect(inputSize({ mode: 'original', multipleOf: 8 }, 99, 100)).toEqual({ height: 96, width: 104 });
    expect(inputSize(fixed(10, 20), 99, 100)).toEqual({ height: 10, width: 20 });
  });
});

describe('the resize', () => {
  const extent = fc.integer({ min: 1, max: 50 });
  test('weighs to one at every position', () => {
    fc.assert(
      fc.property(extent, extent, fc.boolean(), (from, to, antialias) => {
        const { count, weights, stride, start } = resampleTaps(from, to, antialias);
        for (let i = 0; i < to; i++) {
          const sum = weights.subarray(i * stride, i * stride + count[i]).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(1, 12);
          expect(start[i] >= 0 && start[i] + count[i] <= from).toBe(true);
        }
      }),
    );
  });
  test('to the same size changes nothing', () => {
    const picture = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i * 13) };
    expect([...prepare(picture, { ...plain, size: fixed(2, 3) }).data]).toEqual([...picture.data]);
  });
  test('has the weights of PIL when it shrinks', () => {
    // PIL.Image.fromarray(float32 [[0, 10, 20, 30]]).resize((2, 1), BILINEAR): 50/7 and 160/7
    const picture = { width: 4, height: 1, data: Uint8Array.of(0, 10, 20, 30) };
    const { data } = prepare(picture, { ...plain, size: fixed(1, 2) });
    expect(data[0]).toBeCloseTo(50 / 7, 5);
    expect(data[3]).toBeCloseTo(160 / 7, 5);
  });
});

describe("the filter 'bilinear'", () => {
  /** From its two neighbours, with half-pixel centres, as OpenCV's INTER_LINEAR: what lies between is not looked at. */
  function neighbours(row: ArrayLike<number>, to: number): number[] {
    return Array.from({ length: to }, (_, i) => {
      const at = Math.min(row.length - 1, Math.max(0, ((i + 0.5) * row.length) / to - 0.5));
      const [low, high] = [Math.floor(at), Math.ceil(at)];
      return row[low] + (row[high] - row[low]) * (at - low);
    });
  }
  const line = fc.uint8Array({ minLength: 1, maxLength: 40 });
  test('takes the two nearest pixels, larger or smaller, across and down', () => {
    fc.assert(
      fc.property(line, fc.integer({ min: 1, max: 40 }), (values, to) => {
        const expected = neighbours(values, to);
        for (const isRow of [true, false]) {
          const [width, height] = isRow ? [values.length, 1] : [1, values.length];
          const size = isRow ? fixed(1, to) : fixed(to, 1);
          const { data } = prepare({ width, height, data: values }, { ...plain, filter: 'bilinear', size });
          for (let i = 0; i < to; i++) expect(data[3 * i]).toBeCloseTo(expected[i], 3);
        }
      }),
    );
  });
  test('is not the antialiased one', () => {
    const picture = { width: 8, height: 1, data: Uint8Array.of(0, 0, 0, 100, 0, 0, 0, 0) };
    const size = fixed(1, 2);
    expect([...prepare(picture, { ...plain, filter: 'bilinear', size }).data]).toEqual(Array(6).fill(0));
    expect(prepare(picture, { ...plain, size }).data[0]).toBeGreaterThan(0);
  });
});

describe('the numbers', () => {
  const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 51) };
  test('are normalised in the order of the channels', () => {
    const options: Preprocess = {
      ...plain,
      size: fixed(1, 1),
      range: [0, 1],
      mean: [0.5, 0, 0],
      std: [0.5, 1, 2],
    };
    const rounded = (channels: 'RGB' | 'BGR') =>
      [...prepare(red, { ...options, channels }).data].map((value) => Number(value.toFixed(4)));
    expect(rounded('RGB')).toEqual([1, 0, 0.1]);
    expect(rounded('BGR')).toEqual([-0.6, 0, 0.5]);
  });
  test('of transparent pixels are composited on white', () => {
    const picture = { width: 2, height: 1, data: Uint8Array.of(9, 9, 9, 0, 100, 0, 0, 51) };
    expect([...prepare(picture, { ...plain, size: fixed(1, 2) }).data]).toEqual([
      255, 255, 255, 224, 204, 204,
    ]);
  });
  test('of grey and RGB pixels are those of RGBA', () => {
    const grey = { width: 2, height: 1, data: Uint8Array.of(7, 200) };
    const options = { ...plain, size: fixed(1, 2) };
    expect(prepare(grey, options)).toEqual(prepare(toRgba(grey), options));
    expect(channelsOf(red)).toBe(3);
  });
});

describe('grey pictures', () => {
  const grey: Preparation = { ...plain, channels: 'grey', mean: [0], std: [1], size: fixed(1, 1) };
  test('have one channel: the luma of red, green and blue', () => {
    const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 10, 10];
    const { data, shape } = prepare(
      { width: 4, height: 1, data: Uint8Array.from(colours) },
      { ...grey, size: fixed(1, 4) },
    );
    expect(shape).toEqual([1, 1, 4, 1]);
    expect([...data].map((luma) => Number(luma.toFixed(3)))).toEqual([76.245, 149.685, 29.07, 10]);
  });
  test('are normalised by the one mean and deviation', () => {
    const white = { width: 1, height: 1, data: Uint8Array.of(255) };
    const { data } = prepare(white, { ...grey, range: [0, 1], mean: [0.5], std: [0.25] });
    expect(data[0]).toBeCloseTo(2, 6);
  });
});

describe('the crop', () => {
  const cut = (side: number, crop: number) => ({ size: fixed(side, side), fit: { crop } });
  test('is the middle of the picture whose shorter side is the side / crop, as torchvision rounds', () => {
    // torchvision 0.29: Resize(256), CenterCrop(224) of 500×375 pixels: 341×256, left 58, top 16
    const { resized, top, left } = placeInput(cut(224, 0.875), { height: 375, width: 500 });
    expect([resized.height, resized.width, top, left]).toEqual([256, 341, 16, 58]);
    // half a pixel goes to the even side: 90.5 to 90
    const tall = placeInput(cut(299, 0.897), { height: 480, width: 333 });
    expect([tall.resized, tall.top, tall.left]).toEqual([{ height: 480, width: 333 }, 90, 17]);
  });
  test('gives the numbers of the stretch, cut', () => {
    const extent = fc.integer({ min: 5, max: 40 });
    const side = fc.integer({ min: 1, max: 24 });
    const share = fc.double({ min: 0.3, max: 1, noNaN: true });
    fc.assert(
      fc.property(extent, extent, side, share, (height, width, pixels, crop) => {
        const picture = testPicture(width, height);
        const { resized, top, left } = placeInput(cut(pixels, crop), picture);
        const whole = prepare(picture, { ...plain, size: fixed(resized.height, resized.width) }).data;
        const part = prepare(picture, { ...plain, ...cut(pixels, crop) }).data;
        const rows = Array.from({ length: pixels }, (_, y) => {
          const from = ((top + y) * resized.width + left) * 3;
          return [...whole.subarray(from, from + pixels * 3)];
        });
        expect([...part]).toEqual(rows.flat());
      }),
    );
  });
  test('that cannot be is an error', () => {
    for (const crop of [0, -1, 1.5, Number.NaN])
      expect(() => placeInput(cut(8, crop), { height: 9, width: 9 })).toThrow('above 0 and at most 1');
    const size = { mode: 'original', multipleOf: 1 } as const;
    expect(() => placeInput({ size, fit: { crop: 1 } }, { height: 9, width: 9 })).toThrow('mode original');
  });
});

test('pixels that do not fill their size are an error', () => {
  expect(() => prepare({ width: 2, height: 2, data: new Uint8Array(7) }, plain)).toThrow(
    '7 values are neither RGBA, RGB nor grey',
  );
  expect(() => prepare({ width: 0, height: 2, data: new Uint8Array(0) }, plain)).toThrow(
    'positive width and height',
  );
});
