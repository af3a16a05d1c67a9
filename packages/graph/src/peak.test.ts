import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { cost } from './cost.ts';
import { activation, add, concat, conv2d } from './layers.ts';
import { peakActivationBytes } from './peak.ts';

const bytes = (channels: number) => 4 * 8 * 8 * channels;
const shapes = { image: [1, 8, 8, 3] };

test('a chain holds an input and an output at a time, and activations none of their own', () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    let x = image;
    [16, 32, 8].forEach((channels, i) => {
      const layer = root.child(`conv${i}`);
      x = activation(layer, conv2d(layer, x, { channels }));
    });
    return { x };
  });
  expect(peakActivationBytes(graph, shapes)).toBe(bytes(16 + 32));
});

test('what is read again stays: a shortcut, the branches of a module, an output', () => {
  const residual = buildGraph(imageInput(), (root, { image }) => {
    const x = conv2d(root.child('a'), image, { channels: 16 });
    const y = activation(root.child('b'), x);
    return { sum: add(root, x, conv2d(root.child('c'), y, { channels: 16 })) };
  });
  expect(peakActivationBytes(residual, shapes)).toBe(bytes(16 + 16 + 16));

  const branches = buildGraph(imageInput(), (root, { image }) => {
    const values = [8, 16, 24].map((channels, i) => conv2d(root.child(`b${i}`), image, { channels }));
    return { mixed: concat(root, values) };
  });
  expect(peakActivationBytes(branches, shapes)).toBe(bytes(48 + 48));

  const twoOutputs = buildGraph(imageInput(), (root, { image }) => {
    const early = conv2d(root.child('a'), image, { channels: 4 });
    const x = conv2d(root.child('b'), early, { channels: 16 });
    return { early, last: conv2d(root.child('c'), x, { channels: 32 }) };
  });
  expect(peakActivationBytes(twoOutputs, shapes)).toBe(bytes(4 + 16 + 32));
});

test('an activation of what is an output itself has a place of its own', () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const raw = conv2d(root.child('conv'), image, { channels: 16 });
    return { raw, activated: activation(root, raw) };
  });
  expect(peakActivationBytes(graph, shapes)).toBe(bytes(16 + 16));
});

test('never more than all values together', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }), (widths) => {
      const graph = buildGraph(imageInput(), (root, { image }) => {
        const x = widths.reduce((x, channels, i) => conv2d(root.child(`conv${i}`), x, { channels }), image);
        return { x };
      });
      const peak = peakActivationBytes(graph, shapes);
      const pairs = [3, ...widths].map((channels, i) => channels + (widths[i] ?? 0));
      expect(peak).toBe(bytes(Math.max(...pairs)));
      expect(peak).toBeLessThanOrEqual(cost(graph, shapes).activationBytes + bytes(3));
    }),
  );
});
