import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { cost } from './cost.ts';
import {
  activation,
  conv2d,
  depthwiseConv2d,
  globalAveragePool,
  multiply,
  separableConv2d,
} from './layers.ts';

test('counts multiply-adds with the taps on padding, and what is trained apart from statistics', () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const x = conv2d(root.child('stem'), image, { channels: 8, kernel: 3, stride: 2 });
    const separable = { channels: 10, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
    return { y: separableConv2d(root.child('conv'), x, separable) };
  });
  const { nodes, multiplyAdds, parameters, statistics, activationBytes } = cost(graph, {
    image: [2, 9, 9, 3],
  });
  const pixels = 2 * 5 * 5;
  expect(nodes.map((node) => node.multiplyAdds)).toEqual([
    pixels * 27 * 8,
    pixels * 9 * 8,
    0,
    pixels * 80,
    0,
  ]);
  expect(multiplyAdds).toBe(pixels * (27 * 8 + 9 * 8 + 80));
  expect(parameters).toBe(27 * 8 + 9 * 8 + 80 + 2 * 8 + 2 * 10);
  expect(statistics).toBe(2 * 8 + 2 * 10);
  expect(activationBytes).toBe(4 * pixels * (8 + 8 + 8 + 10 + 10));
});

test('with the pointwise part first, the ordinary convolution is counted where the depthwise one stands', () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const options = { epsilon: 1e-3, norm: 'both', between: 'relu', order: 'pointwise-first' } as const;
    const x = separableConv2d(root.child('conv1'), image, { ...options, channels: 6, stride: 2 });
    return { y: separableConv2d(root.child('conv2'), x, { ...options, channels: 10 }) };
  });
  const { multiplyAdds, parameters, ordinary } = cost(graph, { image: [1, 8, 8, 3] });
  const [pixels, after] = [8 * 8, 4 * 4];
  expect(multiplyAdds).toBe(pixels * 3 * 6 + after * (9 * 6 + 6 * 10 + 9 * 10));
  expect(ordinary.multiplyAdds).toBe(after * 9 * (3 * 6 + 6 * 10));
  expect(ordinary.parameters - parameters).toBe(9 * (3 * 6 + 6 * 10) - (3 * 6 + 9 * 6 + 6 * 10 + 9 * 10));
});

test("an inverted residual's depthwise convolution belongs to its projection; gates cost nothing", () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const expand = conv2d(root.child('expand'), image, { channels: 8 });
    const depthwise = activation(
      root,
      depthwiseConv2d(root.child('depthwise'), expand, { kernel: 5, stride: 2 }),
      'hardswish',
    );
    const gate = activation(
      root,
      conv2d(root.child('gate'), globalAveragePool(root, depthwise, { flatten: false }), { channels: 8 }),
      'hardsigmoid',
    );
    return { y: conv2d(root.child('project'), multiply(root, depthwise, gate), { channels: 4 }) };
  });
  const { multiplyAdds, ordinary } = cost(graph, { image: [1, 8, 8, 3] });
  const [pixels, after] = [8 * 8, 4 * 4];
  expect(multiplyAdds).toBe(pixels * 3 * 8 + after * (25 * 8 + 8 * 4) + 8 * 8);
  expect(ordinary.multiplyAdds).toBe(pixels * 3 * 8 + after * 25 * 8 * 4 + 8 * 8);
});

test('a separable convolution costs 1/C_out + 1/K² of an ordinary one', () => {
  const channels = fc.integer({ min: 1, max: 64 });
  fc.assert(
    fc.property(channels, (c) => {
      const graph = buildGraph(imageInput(), (root, { image }) => ({
        y: separableConv2d(root, image, { channels: c, epsilon: 1e-3, norm: 'both', between: 'relu' }),
      }));
      const { multiplyAdds, ordinary } = cost(graph, { image: [1, 8, 8, 3] });
      expect(multiplyAdds / ordinary.multiplyAdds).toBeCloseTo(1 / c + 1 / 9, 12);
    }),
  );
});
