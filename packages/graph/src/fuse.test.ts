import { expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { type Fused, fuse } from './fuse.ts';
import type { Graph } from './graph.ts';
import { activation, add, conv2d, separableConv2d } from './layers.ts';

const apart = { depthwiseFirst: false, pointwiseFirst: () => false };
const together = { depthwiseFirst: true, pointwiseFirst: () => true };
const separable = { channels: 8, epsilon: 1e-3, norm: 'none', between: 'none' } as const;

/** A step as the kinds and names that are in it, in the order in which they are computed. */
const words = ({ node, rectify, depthwise, pointwise, residual, activation: end }: Fused): string =>
  [
    depthwise && `(${words(depthwise)})`,
    pointwise && `(${words(pointwise)})`,
    rectify && 'relu',
    node.name,
    residual !== undefined && `+ ${residual}`,
    end !== 'none' && end,
  ]
    .filter(Boolean)
    .join(' ');
const steps = (graph: Graph, joins: Parameters<typeof fuse>[1]) => fuse(graph, joins).map(words);

const residual = buildGraph(imageInput(8), (root, { image }) => {
  const branch = separableConv2d(root.child('conv'), activation(root.child('before'), image), separable);
  return { y: activation(root.child('after'), add(root, branch, image)) };
});

test('a residual and an activation go with what they follow, a ReLU with the depthwise convolution after it', () => {
  expect(steps(residual, apart)).toEqual(['relu conv/depthwise', 'conv/pointwise + image relu']);
});

test('an engine says which convolutions it computes together', () => {
  expect(steps(residual, together)).toEqual(['(relu conv/depthwise) conv/pointwise + image relu']);
  const first = buildGraph(imageInput(8), (root, { image }) => ({
    y: separableConv2d(root, image, { ...separable, order: 'pointwise-first' }),
  }));
  expect(steps(first, apart)).toEqual(['pointwise', 'depthwise']);
  expect(steps(first, together)).toEqual(['(pointwise) depthwise']);
});

test('a value that somebody else reads, or that was asked for, stays', () => {
  const read = buildGraph(imageInput(8), (root, { image }) => {
    const wide = conv2d(root.child('wide'), image, { channels: 8 });
    const rectified = activation(root.child('relu'), wide);
    return { y: separableConv2d(root.child('conv'), rectified, separable), wide, rectified };
  });
  expect(steps(read, together)).toEqual(['wide', 'relu/relu', '(conv/depthwise) conv/pointwise']);
});

test('what `same` pads by nothing is pointwise, so that an unbound graph is fused as a bound one', () => {
  const graph = buildGraph(imageInput(8), (root, { image }) => {
    const options = { channels: 8, kernel: 1, padding: 'same' } as const;
    return { y: conv2d(root.child('last'), separableConv2d(root, image, separable), options) };
  });
  expect(steps(graph, together)).toHaveLength(2);
});
