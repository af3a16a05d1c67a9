import { tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { buildGraph, imageInput, type Scope, type Value } from './builder.ts';
import { weightShapes } from './graph.ts';
import {
  adaptiveAveragePool,
  add,
  conv2d,
  depthwiseConv2d,
  globalAveragePool,
  maxPool,
  resizeLike,
} from './layers.ts';
import { weightsFrom } from './model.ts';
import { receptiveFields } from './receptive_field.ts';
import { evaluate } from './reference/evaluate.ts';

const side = 65;
const networks: Record<string, (root: Scope, image: Value) => Value> = {
  'a convolution': (root, image) => conv2d(root.child('a'), image, { channels: 1, kernel: 3 }),
  'strides multiply': (root, image) => {
    const a = conv2d(root.child('a'), image, { channels: 1, kernel: 3, stride: 2 });
    const b = maxPool(root.child('b'), a, { kernel: 3, stride: 2, padding: [1, 1, 1, 1] });
    return conv2d(root.child('c'), b, { channels: 1, kernel: 3 });
  },
  'atrous rates reach far': (root, image) => {
    const a = conv2d(root.child('a'), image, { channels: 2, kernel: 3, stride: 2 });
    const b = depthwiseConv2d(root.child('b'), a, { rate: 2 });
    return depthwiseConv2d(root.child('c'), b, { rate: 4 });
  },
  'the wider branch counts': (root, image) => {
    const a = conv2d(root.child('a'), image, { channels: 1, kernel: 7 });
    return add(root.child('b'), a, conv2d(root.child('c'), image, { channels: 1, kernel: 3 }));
  },
  'the largest part of an adaptive pool counts': (root, image) =>
    adaptiveAveragePool(root, conv2d(root.child('a'), image, { channels: 1, kernel: 3 }), {
      height: 1,
      width: 3,
    }),
};

/** How far apart the columns are that reach the middle element: an impulse in each in turn, all weights one. */
async function measure(build: (root: Scope, image: Value) => Value): Promise<number> {
  const graph = buildGraph(imageInput(), (root, { image }) => ({ y: build(root, image) }));
  const ones = [...weightShapes(graph)].map(([name, shape]) => {
    const zeros = tensor('float32', shape);
    return [name, { ...zeros, data: zeros.data.fill(1) }] as const;
  });
  const weights = weightsFrom(Object.fromEntries(ones));
  const seen: number[] = [];
  for (let x = 0; x < side; x++) {
    const image = tensor('float32', [1, 1, side, 3]);
    image.data[3 * x] = 1;
    const { y } = await evaluate({ graph, weights }, { image });
    const [, , width, channels] = y.shape;
    if (y.data[Math.floor(width / 2) * channels] !== 0) seen.push(x);
  }
  return seen.at(-1)! - seen[0] + 1;
}

test.each(Object.entries(networks))('%s', async (_, build) => {
  const graph = buildGraph(imageInput(), (root, { image }) => ({ y: build(root, image) }));
  const fields = receptiveFields(graph, { image: [1, side, side, 3] });
  expect(fields.get(graph.outputs.y)?.[1]).toBe(await measure(build));
});

test('a pool over everything sees everything, a resize its two neighbours', () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const small = conv2d(root.child('a'), image, { channels: 4, kernel: 3, stride: 2 });
    const large = resizeLike(root.child('b'), small, image, 'half-pixel');
    const next = conv2d(root.child('c'), large, { channels: 4, kernel: 3 });
    return { pool: globalAveragePool(root.child('d'), small, { flatten: false }), large, next };
  });
  const fields = receptiveFields(graph, { image: [1, 32, 64, 3] });
  expect(fields.get(graph.outputs.pool)).toEqual([Infinity, Infinity]);
  expect(fields.get(graph.outputs.large)).toEqual([5, 5]);
  expect(fields.get(graph.outputs.next)).toEqual([7, 7]);
});

test('of features that are given, pixels between them count', () => {
  const graph = buildGraph(
    { image: imageInput().image, deep: { dtype: 'float32', shape: [null, null, null, 2] } },
    (root, { image, deep }) => {
      const low = conv2d(root.child('low'), image, { channels: 2, kernel: 3, stride: 4 });
      const wide = conv2d(root.child('wide'), deep, { channels: 2, kernel: 3 });
      return { wide, y: add(root.child('sum'), low, resizeLike(root.child('up'), wide, low, 'half-pixel')) };
    },
  );
  const fields = receptiveFields(graph, { image: [1, 64, 64, 3], deep: [1, 4, 4, 2] }, { deep: 16 });
  expect(fields.get('wide')).toEqual([33, 33]);
  expect(fields.get(graph.outputs.y)).toEqual([49, 49]);
});
