import { describe, expect, test } from 'vitest';
import { bind } from './bind.ts';
import { buildGraph, imageInput } from './builder.ts';
import { inferGraph, weightShapes } from './graph.ts';
import { add, batchNorm, concat, conv2d, dense, depthwiseConv2d, globalAveragePool } from './layers.ts';
import { namedValues, partOf, selectOutputs } from './select.ts';

const small = buildGraph(imageInput(), (root, { image }) => {
  const stem = root.child('stem');
  const x = root.endpoint(
    'stem',
    batchNorm(stem, conv2d(stem, image, { channels: 8, kernel: 3, stride: 2 }), 1e-3),
  );
  const pooled = globalAveragePool(root.child('head'), x, { flatten: true });
  return { logits: dense(root.child('head'), pooled, 5) };
});

test('a graph is plain data', () => {
  expect(JSON.parse(JSON.stringify(small))).toEqual(small);
});

test('weights go by the scopes that the layers stand in', () => {
  expect(Object.fromEntries(weightShapes(small))).toEqual({
    'stem/kernel': [3, 3, 3, 8],
    'stem/batch_norm/gamma': [8],
    'stem/batch_norm/beta': [8],
    'stem/batch_norm/mean': [8],
    'stem/batch_norm/variance': [8],
    'head/kernel': [8, 5],
    'head/bias': [5],
  });
});

test('batch, height and width are free until they are bound', () => {
  expect(inferGraph(small).get('stem')?.shape).toEqual([null, null, null, 8]);
  const bound = bind(small, { image: [2, 7, 10, 3] });
  expect(bound.specs.get('stem')?.shape).toEqual([2, 4, 5, 8]);
  expect(bound.specs.get('head')?.shape).toEqual([2, 5]);
});

describe('shape errors name the node, what came and what was expected', () => {
  const build = (define: Parameters<typeof buildGraph>[1]) => () => buildGraph(imageInput(), define);
  test('channels that differ', () => {
    const adding = build((root, { image }) => ({
      y: add(root.child('block'), image, conv2d(root.child('block'), image, { channels: 4 })),
    }));
    expect(adding).toThrow(/block\/add: add: .*3.*4/);
  });
  test('ranks that differ', () => {
    const joined = build((root, { image }) => {
      const pooled = globalAveragePool(root.child('head'), image, { flatten: true });
      return { y: concat(root.child('head'), [image, pooled]) };
    });
    expect(joined).toThrow(/head\/concat: concat: /);
  });
  test('a picture smaller than an unpadded window', () => {
    const graph = buildGraph(imageInput(), (root, { image }) => ({
      y: depthwiseConv2d(root.child('d'), image, { padding: [0, 0, 0, 0] }),
    }));
    expect(() => bind(graph, { image: [1, 2, 9, 3] })).toThrow(
      'd: depthwise_conv2d: input height 2 is too small for a window of 3×3',
    );
  });
  test('a feed that does not fit', () => {
    expect(() => bind(small, { image: [1, 8, 8, 4] })).toThrow(
      'input "image": expected float32[?,?,?,3], got float32[1,8,8,4]',
    );
    expect(() => bind(small, {})).toThrow('"image" is missing');
  });
  test('a name that is taken', () => {
    const twice = build((root, { image }) => {
      conv2d(root.child('a'), image, { channels: 1 });
      return { y: conv2d(root.child('a'), image, { channels: 1 }) };
    });
    expect(twice).toThrow('a: a value of this name exists already');
  });
});

test("a part takes values as inputs, and what else it needs of the network's own", () => {
  const graph = buildGraph(imageInput(), (root, { image }) => {
    const stem = conv2d(root.child('stem'), image, { channels: 4, stride: 2 });
    const deep = conv2d(root.child('deep'), stem, { channels: 6 });
    return { logits: concat(root.child('all'), [deep, stem]) };
  });
  const both = partOf(graph, ['deep'], ['logits']);
  expect(Object.keys(both.inputs)).toEqual(['image', 'deep']);
  expect(both.inputs.deep).toEqual({ dtype: 'float32', shape: [null, null, null, 6] });
  expect(both.nodes.map(({ name }) => name)).toEqual(['stem', 'all/concat']);
  expect(Object.keys(partOf(graph, ['deep', 'stem'], ['logits']).inputs)).toEqual(['deep', 'stem']);
  expect(() => partOf(graph, ['bottom'], ['logits'])).toThrow('unknown value "bottom"');
});

test('selecting outputs leaves out what they do not need', () => {
  const stem = selectOutputs(small, ['stem']);
  expect(stem.nodes.map(({ name }) => name)).toEqual(['stem', 'stem/batch_norm']);
  expect(stem.outputs).toEqual({ stem: 'stem/batch_norm' });
  expect(namedValues(small)).toEqual(['logits', 'stem']);
  expect(() => selectOutputs(small, ['feature'])).toThrow(
    'unknown output "feature": expected one of logits, stem',
  );
});
