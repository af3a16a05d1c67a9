import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import {
  activation,
  buildGraph,
  conv2d,
  type Graph,
  imageInput,
  type Model,
  maxPool,
  type Scope,
  softmax,
  type Value,
  weightsFrom,
} from '@atrous/graph';
import { type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { tfjsCpu } from './cpu.ts';
import { tfjsWasm } from './wasm_node.ts';

/** Two convolutions in a row, then an operator that may make numbers of what is none. */
const graphWith = (last: (scope: Scope, x: Value) => Value): Graph =>
  buildGraph(imageInput(), (root, { image }) => {
    const x = conv2d(root.child('a'), image, { channels: 4, kernel: 3 });
    return { y: last(root.child('b'), conv2d(root.child('b'), x, { channels: 4 })) };
  });

/** Finite weights, a network that overflows: 1e12 · 1e12 · 1e12 · 1e12. */
const overflowing = (graph: Graph): Model => ({
  graph,
  weights: weightsFrom({
    'a/kernel': tensor('float32', [3, 3, 3, 4], new Float32Array(108).fill(-1e12)),
    'b/kernel': tensor('float32', [1, 1, 4, 4], new Float32Array(16).fill(1e12)),
  }),
});
const feeds = { image: tensor('float32', [1, 5, 6, 3], new Float32Array(90).fill(1e20)) };

const hiding: [string, (scope: Scope, x: Value) => Value][] = [
  ['relu', (scope, x) => activation(scope, x)],
  ['relu6', (scope, x) => activation(scope, x, 'relu6')],
  ['elu', (scope, x) => activation(scope, x, 'elu')],
  ['max-pool', (scope, x) => maxPool(scope, x, { kernel: 3, stride: 2, padding: 'same' })],
  ['softmax', (scope, x) => softmax(scope, x)],
];

describe.each([tfjsCpu(), tfjsWasm()])('$name', (runtime) => {
  test.each(hiding)(
    'a first run that overflows before %s is an error that names the node',
    async (_name, last) => {
      const { tf } = await runtime.tf();
      const empty = tf.memory().numTensors;
      const session = await runtime.load(overflowing(graphWith(last)));
      const loaded = tf.memory().numTensors;
      for (let i = 0; i < 2; i++) {
        await expect(session.run(feeds)).rejects.toMatchObject({
          code: 'runtime',
          message: expect.stringContaining('the value of "b" holds NaN or infinity'),
        });
        expect(tf.memory().numTensors).toBe(loaded);
      }
      await session.dispose();
      expect(tf.memory().numTensors).toBe(empty);
    },
  );

  test('a feed that is no number is one, too', async () => {
    const session = await runtime.load(filledModel(graphWith((scope, x) => activation(scope, x))));
    const image = goldenImage([1, 5, 6, 3]);
    image.data[17] = Number.NaN;
    await expect(session.run({ image })).rejects.toThrow('holds NaN or infinity');
    await session.dispose();
  });

  test('later runs are not watched, and give the same', async () => {
    const session = await runtime.load(filledModel(graphWith((scope, x) => activation(scope, x))));
    const { tf } = await runtime.tf();
    const image = goldenImage([1, 5, 6, 3]);
    const kernelsOf = async () => {
      let result: Tensor | undefined;
      const { kernelNames } = await tf.profile(async () => {
        result = (await session.run({ image })).y;
        return [];
      });
      return { kernels: kernelNames, result: result! };
    };
    const first = await kernelsOf();
    const second = await kernelsOf();
    expect(first.kernels).toEqual(expect.arrayContaining(['Mean', 'Relu']));
    expect(second.kernels).not.toContain('Mean');
    expect(second.kernels).not.toContain('Relu'); // it is part of the convolution
    expect(relativeError(second.result, first.result)).toBeLessThan(1e-6);
    await session.dispose();
  });
});
