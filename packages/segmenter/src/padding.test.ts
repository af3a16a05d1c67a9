import type { ResizeConvention, Tensor } from '@atrous/tensor';
import { tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { ofPicture } from './padding.ts';
import { type Preparation, placeInput } from './placement.ts';
import { prepare } from './prepare.ts';

const plain: Preparation = {
  size: { mode: 'fixed', height: 4, width: 4 },
  fit: 'pad',
  filter: 'bilinear',
  channels: 'grey',
  range: [0, 255],
  mean: [100],
  std: [2],
};
type Size = Preparation['size'];
const placed = (size: Size, height: number, width: number, fit: Preparation['fit'] = 'pad', times = 1) => {
  const { resized, ...input } = placeInput({ size, fit }, { height, width }, times);
  return { input: [input.height, input.width], resized: [resized.height, resized.width] };
};

describe('where a picture lies in the input, typed out', () => {
  test.each<
    [Size, [number, number], { stretch: [number, number]; pad: [number, number]; in: [number, number] }]
  >([
    // DeepLab: the longest side 513, padded to a square with the mean
    [
      { mode: 'fixed', height: 513, width: 513 },
      [375, 500],
      { stretch: [513, 513], pad: [385, 513], in: [513, 513] },
    ],
    [
      { mode: 'fixed', height: 513, width: 513 },
      [500, 375],
      { stretch: [513, 513], pad: [513, 385], in: [513, 513] },
    ],
    [
      { mode: 'fixed', height: 512, width: 1024 },
      [500, 500],
      { stretch: [512, 1024], pad: [512, 512], in: [512, 1024] },
    ],
    // mmseg: keep_ratio, then padded to multiples
    [
      { mode: 'longest-side', pixels: 512, multipleOf: 32 },
      [375, 500],
      { stretch: [384, 512], pad: [384, 512], in: [384, 512] },
    ],
    [
      { mode: 'longest-side', pixels: 500, multipleOf: 32 },
      [333, 500],
      { stretch: [320, 512], pad: [333, 500], in: [352, 512] },
    ],
    // torchvision's references: the shortest side 520
    [
      { mode: 'shortest-side', pixels: 520, multipleOf: 1 },
      [375, 500],
      { stretch: [520, 693], pad: [520, 693], in: [520, 693] },
    ],
    [
      { mode: 'shortest-side', pixels: 520, multipleOf: 8 },
      [500, 375],
      { stretch: [696, 520], pad: [693, 520], in: [696, 520] },
    ],
    // smp: its own size, padded to what the stride divides
    [
      { mode: 'original', multipleOf: 32 },
      [375, 500],
      { stretch: [384, 512], pad: [375, 500], in: [384, 512] },
    ],
    [{ mode: 'original', multipleOf: 16 }, [7, 40], { stretch: [16, 48], pad: [7, 40], in: [16, 48] }],
    [{ mode: 'fixed', height: 16, width: 16 }, [1, 9000], { stretch: [16, 16], pad: [1, 16], in: [16, 16] }],
  ])('%j, %j pixels', (size, [height, width], expected) => {
    expect(placed(size, height, width, 'stretch').input).toEqual(expected.stretch);
    expect(placed(size, height, width)).toEqual({ input: expected.in, resized: expected.pad });
  });
  test('larger views are padded as theirs', () => {
    expect(placed({ mode: 'fixed', height: 513, width: 513 }, 375, 500, 'pad', 1.5)).toEqual({
      input: [769, 769],
      resized: [577, 769],
    });
    expect(placed({ mode: 'original', multipleOf: 16 }, 100, 60, 'pad', 0.5)).toEqual({
      input: [64, 32],
      resized: [50, 30],
    });
  });
});

test('what is left of the input is the mean: nothing after it was taken away', () => {
  const picture = { width: 2, height: 1, data: Uint8Array.of(110, 120) };
  const { data, shape } = prepare(picture, plain);
  expect(shape).toEqual([1, 4, 4, 1]);
  // numpy: np.pad((resized - 100) / 2, ((0, 2), (0, 0))) of [[110, 112.5, 117.5, 120]] * 2
  expect([...data]).toEqual([5, 6.25, 8.75, 10, 5, 6.25, 8.75, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
});

describe('logits of the picture alone', () => {
  const ramp = (rows: number, columns: number): Tensor =>
    tensor(
      'float32',
      [1, rows, columns, 1],
      Float32Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns) * 100 + (i % columns)),
    );
  const at = (height: number, width: number, resized: [number, number]) => ({
    height,
    width,
    resized: { height: resized[0], width: resized[1] },
    top: 0,
    left: 0,
  });
  const cut = (resized: [number, number], mirrored = false, resize: ResizeConvention = 'half-pixel') => {
    const { shape, data } = ofPicture(ramp(4, 4), at(16, 16, resized), resize, mirrored);
    return { shape: shape.slice(1, 3), data: [...data] };
  };
  test('are cut where the picture ends between two', () => {
    expect(cut([8, 16])).toEqual({ shape: [2, 4], data: [0, 1, 2, 3, 100, 101, 102, 103] });
    expect(cut([16, 8])).toEqual({ shape: [4, 2], data: [0, 1, 100, 101, 200, 201, 300, 301] });
    // mirrored, they are the last columns
    expect(cut([8, 8], true)).toEqual({ shape: [2, 2], data: [2, 3, 102, 103] });
    expect(cut([8, 8], false, 'asymmetric')).toEqual({ shape: [2, 2], data: [0, 1, 100, 101] });
  });
  test('align-corners: 513 pixels have 129 logits, 385 have 97', () => {
    const { shape, data } = ofPicture(ramp(129, 129), at(513, 513, [385, 513]), 'align-corners', false);
    expect([shape, data[96 * 129]]).toEqual([[1, 97, 129, 1], 9600]);
  });
  test('lie between neighbours where it ends within one', () => {
    // 10 of 16 pixels: 2.5 logits, so 3, each 10 / 12 of one: np.interp((np.arange(3) + .5) * 10 / 12 - .5, ...)
    const { shape, data } = cut([16, 10]);
    expect(shape).toEqual([4, 3]);
    for (const [i, value] of [0, 0.75, 1.5833333].entries()) expect(data[i]).toBeCloseTo(value, 5);
  });
  test('of a picture that fills its input they are all', () => {
    const logits = ramp(4, 4);
    expect(ofPicture(logits, at(16, 16, [16, 16]), 'half-pixel', false)).toBe(logits);
  });
});
