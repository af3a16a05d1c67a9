import { type ResizeConvention, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildGraph, imageInput, type Scope, type Value } from '../builder.ts';
import { inferGraph } from '../graph.ts';
import { withLabels } from '../labels.ts';
import {
  activation,
  adaptiveAveragePool,
  averagePool,
  conv2d,
  depthwiseConv2d,
  globalAveragePool,
  maxPool,
  multiply,
  resizeLike,
  scaleBy,
  softmax,
} from '../layers.ts';
import { testModel, waves } from '../test_model.ts';
import { evaluate } from './evaluate.ts';

const windows = fc.record({
  height: fc.integer({ min: 1, max: 8 }),
  width: fc.integer({ min: 1, max: 8 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  rate: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  padding: fc.tuple(...[6, 7, 8, 9].map((max) => fc.integer({ min: 6, max }))),
});

test('convolutions equal the sum over their taps', async () => {
  await fc.assert(
    fc.asyncProperty(windows, async (sizes) => {
      const padding = sizes.padding as unknown as [number, number, number, number];
      const options = { ...sizes, padding };
      const model = testModel(
        buildGraph(imageInput(), (root, { image }) => ({
          dense: conv2d(root.child('dense'), image, { ...options, channels: 2, bias: true }),
          depthwise: depthwiseConv2d(root.child('depthwise'), image, options),
        })),
      );
      const image = waves([1, sizes.height, sizes.width, 3]);
      const outputs = await evaluate(model, { image });
      const at = (y: number, x: number, c: number) =>
        y < 0 || x < 0 || y >= sizes.height || x >= sizes.width
          ? 0
          : image.data[(y * sizes.width + x) * 3 + c];
      const weights = {
        dense: (await model.weights.read('dense/kernel')).data,
        bias: (await model.weights.read('dense/bias')).data,
        depthwise: (await model.weights.read('depthwise/kernel')).data,
      };
      const [, rows, columns] = outputs.dense.shape;
      const [kernelHeight, kernelWidth] = sizes.kernel;
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const dense = [weights.bias[0], weights.bias[1]];
          const depthwise = [0, 0, 0];
          for (let i = 0; i < kernelHeight; i++) {
            for (let j = 0; j < kernelWidth; j++) {
              for (let c = 0; c < 3; c++) {
                const tap = (i * kernelWidth + j) * 3 + c;
                const value = at(
                  y * sizes.stride[0] + i * sizes.rate[0] - padding[0],
                  x * sizes.stride[1] + j * sizes.rate[1] - padding[2],
                  c,
                );
                depthwise[c] += value * weights.depthwise[tap];
                for (let o = 0; o < 2; o++) dense[o] += value * weights.dense[tap * 2 + o];
              }
            }
          }
          const pixel = y * columns + x;
          dense.forEach((value, o) => void expect(outputs.dense.data[pixel * 2 + o]).toBeCloseTo(value, 4));
          depthwise.forEach(
            (value, c) => void expect(outputs.depthwise.data[pixel * 3 + c]).toBeCloseTo(value, 4),
          );
        }
      }
    }),
    { numRuns: 40 },
  );
});

const clamp = (x: number) => Math.min(Math.max(x, 0), 2);

// Where each of 7 positions lies among 3: on the ramp 0, 1, 2 that is the value, too.
const resized: Record<ResizeConvention, number[]> = {
  'half-pixel': Array.from({ length: 7 }, (_, i) => clamp(((i + 0.5) * 3) / 7 - 0.5)),
  'align-corners': [0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2],
  asymmetric: [0, 3 / 7, 6 / 7, 9 / 7, 12 / 7, 2, 2],
};

test.each(Object.entries(resized))('%s resize of a ramp', async (convention, expected) => {
  const ports = { small: imageInput(1).image, like: imageInput(1).image };
  const model = testModel(
    buildGraph(ports, (root, { small, like }) => ({
      y: resizeLike(root, small, like, convention as ResizeConvention),
    })),
  );
  const small = tensor('float32', [1, 1, 3, 1], Float32Array.of(0, 1, 2));
  const { y } = await evaluate(model, { small, like: tensor('float32', [1, 1, 7, 1]) });
  expect([...y.data].map((value) => value.toFixed(5))).toEqual(expected.map((value) => value.toFixed(5)));
});

test('activations, pools and softmax do what their names say', async () => {
  const model = testModel(
    buildGraph(imageInput(1), (root, { image }) => ({
      relu: activation(root, image, 'relu'),
      relu6: activation(root, image, 'relu6'),
      elu: activation(root, image, 'elu'),
      max: maxPool(root.child('max'), image, { kernel: 3, stride: 2, padding: 'same' }),
      mean: globalAveragePool(root.child('mean'), image, { flatten: true }),
    })),
  );
  const image = tensor('float32', [1, 1, 4, 1], Float32Array.of(-2, -1, 3, 8));
  const { relu, relu6, elu, max, mean } = await evaluate(model, { image });
  expect([...relu.data]).toEqual([0, 0, 3, 8]);
  expect([...relu6.data]).toEqual([0, 0, 3, 6]);
  expect([...elu.data].map((x) => x.toFixed(4))).toEqual(['-0.8647', '-0.6321', '3.0000', '8.0000']);
  expect([...max.data]).toEqual([3, 8]);
  expect([...mean.data]).toEqual([2]);
});

test('hard activations, products and factors do what their names say', async () => {
  const model = testModel(
    buildGraph(imageInput(1), (root, { image }) => ({
      hardsigmoid: activation(root, image, 'hardsigmoid'),
      hardswish: activation(root, image, 'hardswish'),
      square: multiply(root, image, image),
      tenth: scaleBy(root, image, 0.25),
    })),
  );
  const image = tensor('float32', [1, 1, 5, 1], Float32Array.of(-4, -1.5, 0, 1.5, 8));
  const { hardsigmoid, hardswish, square, tenth } = await evaluate(model, { image });
  expect([...hardsigmoid.data]).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect([...hardswish.data]).toEqual([-0, -0.375, 0, 1.125, 8]);
  expect([...square.data]).toEqual([16, 2.25, 0, 2.25, 64]);
  expect([...tenth.data]).toEqual([-1, -0.375, 0, 0.375, 2]);
});

test('a gate has a number for each channel of each picture', async () => {
  const ports = { image: imageInput(2).image, gate: imageInput(2).image };
  const graph = buildGraph(ports, (root, { image, gate }) => ({
    y: multiply(root, image, globalAveragePool(root, gate, { flatten: false })),
  }));
  const image = tensor('float32', [2, 1, 2, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const gate = tensor('float32', [2, 1, 1, 2], Float32Array.of(1, 10, 100, 1000));
  const { y } = await evaluate(testModel(graph), { image, gate });
  expect([...y.data]).toEqual([1, 20, 3, 40, 500, 6000, 700, 8000]);
});

test('what does not fit a product is an error that says what would', () => {
  const ports = { image: imageInput(2).image, other: imageInput(3).image };
  const build = (define: (image: Value, other: Value, scope: Scope) => Value) => () =>
    buildGraph(ports, (root, { image, other }) => ({ y: define(image, other, root) }));
  expect(build((image, other, scope) => multiply(scope, image, other))).toThrow(
    'expected two values of one shape, or a second one of [?,1,1,2], got float32[?,?,?,2] and float32[?,?,?,3]',
  );
  const gate = { dtype: 'float32', shape: [3, 1, 1, 2] } as const;
  expect(() =>
    buildGraph({ image: { dtype: 'float32', shape: [2, 4, 4, 2] }, gate }, (root, inputs) => ({
      y: multiply(root, inputs.image, inputs.gate),
    })),
  ).toThrow('a second one of [2,1,1,2], got float32[2,4,4,2] and float32[3,1,1,2]');
  expect(build((image, _other, scope) => scaleBy(scope, image, Number.NaN))).toThrow(
    'a finite factor, got NaN',
  );
  expect(build((image, _other, scope) => adaptiveAveragePool(scope, image, { height: 7, width: 0 }))).toThrow(
    'a width that is a whole number of at least 1, got 0',
  );
});

test('padding counts in a mean only where it is told to', async () => {
  const options = { kernel: 3, stride: 2, padding: 'same' } as const;
  const model = testModel(
    buildGraph(imageInput(1), (root, { image }) => ({
      inside: averagePool(root.child('inside'), image, options),
      all: averagePool(root.child('all'), image, { ...options, countPadding: true }),
    })),
  );
  const image = tensor('float32', [1, 1, 3, 1], Float32Array.of(9, 18, 27));
  const { inside, all } = await evaluate(model, { image });
  expect([...inside.data]).toEqual([13.5, 22.5]);
  expect([...all.data]).toEqual([3, 5]);
});

test('an adaptive pool of a line gives the means of its parts, at sizes below and above', async () => {
  const graph = buildGraph(imageInput(1), (root, { image }) => ({
    y: adaptiveAveragePool(root, image, { height: 1, width: 3 }),
  }));
  const pooled = async (...values: number[]) => {
    const image = tensor('float32', [1, 1, values.length, 1], Float32Array.from(values));
    return [...(await evaluate(testModel(graph), { image })).y.data];
  };
  expect(await pooled(6)).toEqual([6, 6, 6]);
  expect(await pooled(2, 4)).toEqual([2, 3, 4]);
  expect(await pooled(1, 2, 3)).toEqual([1, 2, 3]);
  expect(await pooled(1, 3, 5, 7, 9)).toEqual([2, 5, 8]); // torch: windows 0–2, 1–4, 3–5
  expect(await pooled(1, 3, 5, 7, 9, 11)).toEqual([2, 6, 10]);
});

test('an adaptive pool to at least a size leaves axes that are as long, free or bound', async () => {
  const graph = buildGraph(imageInput(1), (root, { image }) => ({
    y: adaptiveAveragePool(root, image, { height: 2, width: 3, atLeast: true }),
  }));
  expect(inferGraph(graph).get('pool')?.shape).toEqual([null, null, null, 1]);
  const pooled = async (height: number, ...values: number[]) => {
    const image = tensor('float32', [1, height, values.length / height, 1], Float32Array.from(values));
    const { y } = await evaluate(testModel(graph), { image });
    return [y.shape.slice(1, 3), [...y.data]];
  };
  expect(await pooled(2, 1, 2, 3, 4, 5, 6, 7, 8)).toEqual([
    [2, 4],
    [1, 2, 3, 4, 5, 6, 7, 8],
  ]);
  expect(await pooled(1, 1, 2, 3, 4)).toEqual([
    [2, 4],
    [1, 2, 3, 4, 1, 2, 3, 4],
  ]);
  expect(await pooled(3, 2, 4, 6, 8, 10, 12)).toEqual([
    [3, 3],
    [2, 3, 4, 6, 7, 8, 10, 11, 12],
  ]);
});

test('softmax survives large logits', async () => {
  const graph = buildGraph(imageInput(), (root, { image }) => ({ y: softmax(root, image) }));
  const image = tensor('float32', [1, 1, 1, 3], Float32Array.of(1000, 1000, -1000));
  const { y } = await evaluate(testModel(graph), { image });
  expect([...y.data]).toEqual([0.5, 0.5, 0]);
});

test('labels are made at the size of the input', async () => {
  const graph = buildGraph(imageInput(), (root, { image }) => ({
    logits: conv2d(root.child('classifier'), image, { channels: 4, kernel: 3, stride: 4 }),
  }));
  const { labels } = await evaluate(testModel(withLabels(graph, 'half-pixel')), {
    image: waves([2, 9, 13, 3]),
  });
  expect(labels.dtype).toBe('uint8');
  expect(labels.shape).toEqual([2, 9, 13]);
  expect(Math.max(...labels.data)).toBeLessThan(4);
});

test('stops when it is told to', async () => {
  const graph = buildGraph(imageInput(), (root, { image }) => ({ y: activation(root, image) }));
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(evaluate(testModel(graph), { image: waves([1, 2, 2, 3]) }, { signal })).rejects.toThrow(
    'enough',
  );
});
