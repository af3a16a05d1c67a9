import { filledModel, goldenImage } from '@atrous/golden';
import { bind, convBatchNormRelu, cost, type Encoder, evaluate, type OutputStride } from '@atrous/graph';
import { xception } from '@atrous/xception';
import { describe, expect, test } from 'vitest';
import { asppRates, deeplabV3, deeplabV3Plus } from './deeplab.ts';

const xception65 = xception('xception65');
const side = 513;
const outputStrides: readonly OutputStride[] = [8, 16, 32];

test('DeepLabV3+ on Xception-65 costs what it should', () => {
  const report = cost(deeplabV3Plus(xception65, { classes: 21 }), { image: [1, side, side, 3] });
  expect((report.multiplyAdds / 1e9).toFixed(2)).toBe('54.04');
  expect((report.parameters / 1e6).toFixed(2)).toBe('41.06');
});

test('rates double at output stride 8', () => {
  expect(outputStrides.map(asppRates)).toEqual([
    [12, 24, 36],
    [6, 12, 18],
    [3, 6, 9],
  ]);
});

describe.each(outputStrides)('at output stride %d', (outputStride) => {
  const logitsOf = (graph: ReturnType<typeof deeplabV3>) =>
    bind(graph, { image: [1, side, 321, 3] }).specs.get(graph.outputs.logits)!.shape;
  test('V3+ gives logits at stride 4', () => {
    expect(logitsOf(deeplabV3Plus(xception65, { classes: 21, outputStride }))).toEqual([1, 129, 81, 21]);
  });
  test('V3 gives logits at the output stride', () => {
    const expected = [1, 512 / outputStride + 1, 320 / outputStride + 1, 19];
    expect(logitsOf(deeplabV3(xception65, { classes: 19, outputStride }))).toEqual(expected);
  });
});

/** Two convolutions: anything that builds features is an encoder. */
const plain: Encoder = {
  name: 'plain',
  build(scope, image) {
    const fine = convBatchNormRelu(scope.child('a'), image, {
      channels: 6,
      kernel: 3,
      stride: 4,
      epsilon: 1e-3,
    });
    const last = convBatchNormRelu(scope.child('b'), fine, {
      channels: 8,
      kernel: 3,
      stride: 4,
      epsilon: 1e-3,
    });
    const features = [
      { name: 'a', value: fine, stride: 4, activated: true },
      { name: 'b', value: last, stride: 16, activated: true },
    ];
    return { features, last, lowLevel: 'a' };
  },
};
const slim = { aspp: { channels: 6 }, decoder: { channels: 6, lowLevelChannels: 4 } };

test('any encoder will do', async () => {
  const graph = deeplabV3Plus(plain, { classes: 3, ...slim });
  const { logits } = await evaluate(filledModel(graph), { image: goldenImage([2, 33, 49, 3]) });
  expect(logits.shape).toEqual([2, 9, 13, 3]);
});

test('image pooling sees all of the picture', async () => {
  const model = filledModel(
    deeplabV3(plain, {
      classes: 0,
      aspp: { channels: 6, concat: ['pool', '1x1', 'rate0', 'rate1', 'rate2'] },
    }),
  );
  const image = goldenImage([1, 33, 33, 3]);
  const pool = ['aspp/pool/resize'];
  const before = await evaluate(model, { image }, { outputs: pool });
  image.data[image.data.length - 1] += 10;
  const after = await evaluate(model, { image }, { outputs: pool });
  expect(after[pool[0]].data[0]).not.toBe(before[pool[0]].data[0]);
});

test('what the heads of others have: ordinary convolutions with biases, one more after the pyramid, convolutions in V3', () => {
  const names = (graph: ReturnType<typeof deeplabV3>, prefix: string) =>
    graph.nodes.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length));
  const kinds = {
    aspp: { ...slim.aspp, convolution: 'ordinary', bias: true, refine: 'separable-after' },
    decoder: { ...slim.decoder, convolutions: 1, convolution: 'ordinary' },
  } as const;
  const plus = deeplabV3Plus(plain, { classes: 3, ...kinds });
  expect(plus.nodes.find(({ name }) => name === 'aspp/rate1')?.op).toMatchObject({
    kind: 'conv2d',
    bias: true,
  });
  expect(names(plus, 'aspp/refine/')).toEqual([
    'depthwise',
    'pointwise',
    'pointwise/batch_norm',
    'pointwise/relu',
  ]);
  expect(names(plus, 'decoder/conv1')).toEqual(['', '/batch_norm', '/relu']);
  const v3 = deeplabV3(plain, {
    classes: 3,
    aspp: slim.aspp,
    decoder: { channels: 6, convolutions: 1, convolution: 'ordinary' },
  });
  expect(names(v3, 'decoder/conv1')).toEqual(['', '/batch_norm', '/relu']);
  expect(v3.endpoints.decoder).toBe('decoder/conv1/relu');
});

test('without classes the last features come out', () => {
  expect(Object.keys(deeplabV3(plain, { classes: 0, ...slim }).outputs)).toEqual(['aspp']);
  expect(Object.keys(deeplabV3Plus(plain, { classes: 0, ...slim }).outputs)).toEqual(['decoder']);
});

describe('errors', () => {
  test('a concat order that does not name every branch', () => {
    const concat = ['pool', '1x1', 'rate0', 'rate0'] as const;
    expect(() => deeplabV3(plain, { classes: 2, aspp: { concat } })).toThrow(
      'concat must name each of 1x1, rate0, rate1, rate2 and may name pool, got pool, 1x1, rate0, rate0',
    );
  });
  test('a tap that the encoder does not have', () => {
    const decoder = { lowLevel: 'c' };
    expect(() => deeplabV3Plus(plain, { classes: 2, decoder })).toThrow(
      'unknown low-level endpoint "c": expected one of a, b',
    );
  });
  test('half a class', () => {
    expect(() => deeplabV3(plain, { classes: 1.5 })).toThrow('expected a number of classes, got 1.5');
  });
});
