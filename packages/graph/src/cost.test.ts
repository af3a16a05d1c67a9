import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { cost } from './cost.ts';
import { conv2d, separableConv2d } from './layers.ts';

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
