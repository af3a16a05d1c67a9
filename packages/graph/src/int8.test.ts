import { tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { castToFloat, castToInt8 } from './cast.ts';
import { int8Kernel, int8Products, int8Row, int8Sums } from './int8.ts';
import { activation, add, conv2d, dense, depthwiseConv2d, globalAveragePool } from './layers.ts';
import { weightsFrom } from './model.ts';
import { evaluate } from './reference/evaluate.ts';
import { testModel } from './test_model.ts';

const floats = (least: number) =>
  fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
      minLength: least,
      maxLength: 40,
    })
    .map((values) => Float32Array.from(values));

describe('a row in 7 bits', () => {
  test('is within half a step of the row, and 0 is exact', () => {
    fc.assert(
      fc.property(floats(1), (row) => {
        const { values, scale, zero } = int8Row(row);
        const range = Math.max(0, ...row) - Math.min(0, ...row);
        expect(scale).toBeCloseTo(range / 127, 3 - Math.ceil(Math.log10(range + 1)));
        row.forEach((value, i) => {
          const slack = range * 1e-6 + 1e-30;
          expect(values[i]).toBeLessThanOrEqual(127);
          expect(Math.abs((values[i] - zero) * scale - value)).toBeLessThanOrEqual(scale / 2 + slack);
          if (value === 0) expect(values[i]).toBe(zero);
        });
      }),
    );
  });

  test('above 0 has its zero at 0, and the largest value at 127', () => {
    expect(int8Row(Float32Array.of(1, 2, 0, 4))).toEqual({
      values: Uint8Array.of(32, 64, 0, 127),
      scale: Math.fround(4 / 127),
      zero: 0,
    });
  });

  test('of zeros, of what is no number, and of what leaves float32', () => {
    expect(int8Row(new Float32Array(2))).toEqual({ values: new Uint8Array(2), scale: 0, zero: 0 });
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(int8Row(Float32Array.of(1, odd, 2)).scale).toBeNaN();
    expect(int8Row(Float32Array.of(-3e38, 3e38)).scale).toBeNaN();
  });
});

describe('a kernel in 8 bits', () => {
  test('is within half a step of each channel, whose largest magnitude is 127', () => {
    fc.assert(
      fc.property(floats(3), fc.constantFrom(1, 2, 3), (all, channels) => {
        const kernel = all.slice(0, Math.floor(all.length / channels) * channels);
        const { values, scales } = int8Kernel(kernel, channels);
        const sums = new Int32Array(channels);
        kernel.forEach((value, i) => {
          const scale = scales[i % channels];
          sums[i % channels] += values[i];
          expect(Math.abs(values[i] * scale - value)).toBeLessThanOrEqual(scale * 0.501 + 1e-30);
        });
        expect(int8Sums({ values, scales })).toEqual(sums);
        for (let c = 0; c < channels; c++) {
          const largest = Math.max(...values.filter((_, i) => i % channels === c).map(Math.abs));
          expect(largest).toBe(scales[c] > 0 ? 127 : 0);
        }
      }),
    );
  });

  test('that a file holds in 8 bits stays as it is', async () => {
    const kernel = Float32Array.from({ length: 600 }, (_, i) => Math.sin(i * i));
    const given = {
      graph: buildGraph(imageInput(), (_, { image }) => ({ image })),
      weights: weightsFrom({ 'a/kernel': tensor('float32', [200, 3], kernel) }),
    };
    const file = castToInt8(given);
    const widened = (await castToFloat(file).weights.read('a/kernel')).data as Float32Array;
    expect(int8Kernel(widened, 3).values).toEqual((await file.weights.read('a/kernel')).data);
  });
});

test('all products but those that read the picture', () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const first = conv2d(root.child('first'), image, { channels: 4 });
    const deep = depthwiseConv2d(root.child('depthwise'), activation(root, first));
    const ordinary = conv2d(root.child('ordinary'), deep, { channels: 4, kernel: 3 });
    const pooled = globalAveragePool(root, ordinary, { flatten: true });
    return {
      y: dense(root.child('dense'), pooled, 2),
      z: conv2d(root.child('second'), image, { channels: 1 }),
    };
  });
  expect([...int8Products(graph)]).toEqual(['ordinary', 'dense']);
});

test('a product in 8 bits is as near to float32 as its steps: half of a row’s times the weights, half of a weight’s times the row', async () => {
  const channels = 9;
  const model = testModel(
    buildGraph(imageInput(37), (root, { image }) => {
      const pixels = add(root, image, image);
      return { y: conv2d(root.child('product'), pixels, { channels, bias: true }), pixels };
    }),
  );
  const image = tensor(
    'float32',
    [1, 4, 5, 37],
    Float32Array.from({ length: 740 }, (_, i) => Math.sin(i * i) * (i % 11)),
  );
  const exact = await evaluate(model, { image });
  const { y } = await evaluate(model, { image }, { compute: 'int8' });
  const kernel = (await model.weights.read('product/kernel')).data as Float32Array;
  const { values, scales } = int8Kernel(kernel, channels);
  let largest = 0;
  for (let pixel = 0; pixel < 20; pixel++) {
    const row = (exact.pixels.data as Float32Array).subarray(pixel * 37, (pixel + 1) * 37);
    const { scale } = int8Row(row);
    for (let c = 0; c < channels; c++) {
      let bound = 1e-5;
      row.forEach((value, k) => {
        bound +=
          (scale / 2) * Math.abs(values[k * channels + c] * scales[c]) + (scales[c] / 2) * Math.abs(value);
      });
      const error = Math.abs(y.data[pixel * channels + c] - exact.y.data[pixel * channels + c]);
      expect(error).toBeLessThanOrEqual(bound);
      largest = Math.max(largest, error);
    }
  }
  expect(largest).toBeGreaterThan(1e-3); // in 8 bits indeed
});
