import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { bind, buildGraph, cost, evaluate, type Feature, imageInput, type OutputStride } from '@atrous/graph';
import { floatsOf, type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { classifier, encoderGraph } from './classifier.ts';
import { xception } from './encoder.ts';
import { type VariantName, variantNames } from './variants.ts';

const outputStrides: readonly OutputStride[] = [8, 16, 32];

/** A network small enough to be run by the reference. */
const tiny = { widthMultiplier: 1 / 32, channelDivisor: 2 };

describe.each(variantNames)('%s', (name) => {
  const isChollet = name === 'xception' || name === 'xception-middle';
  const [coarsest, channels] = name === 'xception-middle' ? [16 as const, 728] : [32 as const, 2048];
  test.each(outputStrides.filter((stride) => stride <= coarsest))(
    'comes out at output stride %d',
    (outputStride) => {
      const bound = bind(encoderGraph(xception(name), { outputStride }), { image: [1, 257, 321, 3] });
      const { shape } = bound.specs.get(bound.outputs.features)!;
      // Unpadded stems (Chollet's) lose up to one position per side.
      expect(Math.abs(shape[1] - (256 / outputStride + 1))).toBeLessThanOrEqual(isChollet ? 2 : 0);
      expect(Math.abs(shape[2] - (320 / outputStride + 1))).toBeLessThanOrEqual(isChollet ? 2 : 0);
      expect(shape[3]).toBe(channels);
    },
  );

  test('has the same weights at every output stride', () => {
    const parameters = outputStrides.map((outputStride) => {
      return cost(encoderGraph(xception(name), { outputStride }), { image: [1, 129, 129, 3] }).parameters;
    });
    expect(new Set(parameters).size).toBe(1);
  });

  // Chollet's pools that lose their stride do not dilate, so that a second one computes something else.
  const comparable = isChollet ? [coarsest / 2] : [8, 16];
  test.each(comparable)(
    'at output stride %d has the values of the coarsest, at more places',
    async (outputStride) => {
      // What atrous convolution is for (Chen et al. 2017, section 3.1); to the last pixel where every extent is odd.
      const encoder = xception(name, tiny);
      const model = filledModel(encoderGraph(encoder, { outputStride: coarsest }));
      const graph = encoderGraph(encoder, { outputStride: outputStride as OutputStride });
      const side = isChollet ? 71 : 65;
      const feeds = { image: goldenImage([1, side, side, 3]) };
      const coarse = (await evaluate(model, feeds)).features;
      const fine = (await evaluate({ graph, weights: model.weights }, feeds)).features;
      expect(relativeError(everyNth(fine, coarsest / outputStride), coarse)).toBeLessThan(1e-6);
    },
  );
});

/** Every nth row and column. */
function everyNth({ shape, data }: Tensor, step: number): Tensor {
  const [, height, width, channels] = shape;
  const values: number[] = [];
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const at = (y * width + x) * channels;
      values.push(...data.subarray(at, at + channels));
    }
  }
  const kept = (extent: number) => Math.ceil(extent / step);
  return tensor('float32', [1, kept(height), kept(width), channels], Float32Array.from(values));
}

describe('parameters, as the papers count them', () => {
  const expected: [VariantName, number][] = [
    ['xception', 22_855_952],
    ['xception41', 26_969_560],
    ['xception65', 39_916_312],
    ['xception71', 42_338_736],
  ];
  test.each(expected)('%s has %d', (name, parameters) => {
    const graph = classifier(xception(name), { classes: 1000 });
    expect(cost(graph, { image: [1, 299, 299, 3] }).parameters).toBe(parameters);
  });
});

describe('options', () => {
  const operators = (options: Parameters<typeof xception>[1], name: VariantName = 'xception41') =>
    encoderGraph(xception(name, { ...tiny, ...options }), { outputStride: 16 }).nodes;

  test('without residuals nothing is added', () => {
    expect(operators({}).some(({ op }) => op.kind === 'add')).toBe(true);
    expect(operators({ residual: false }).some(({ op }) => op.kind === 'add')).toBe(false);
  });

  test.each(['relu', 'elu'] as const)('%s between depthwise and pointwise', (separableActivation) => {
    const between = operators({ separableActivation }, 'xception').filter(({ name }) =>
      name.endsWith(`/depthwise/${separableActivation}`),
    );
    const depthwise = operators({}, 'xception').filter(({ op }) => op.kind === 'depthwise_conv2d');
    expect(between).toHaveLength(depthwise.length);
  });

  test('multi-grid multiplies the rates of the last block', () => {
    const rates = operators({ multiGrid: [1, 2, 4] })
      .filter(({ name, op }) => op.kind === 'depthwise_conv2d' && name.includes('exit_flow/block2'))
      .map(({ op }) => 'dilation' in op && op.dilation[0]);
    expect(rates).toEqual([2, 4, 8]);
  });

  test("Chollet's pool keeps its 3×3 window when it loses its stride, and what follows dilates", () => {
    const nodes = operators({}, 'xception');
    const pool = nodes.find(({ name }) => name.includes('exit_flow/block1/pool'))!.op;
    expect(pool).toMatchObject({ kind: 'pool', kernel: [3, 3], stride: [1, 1] });
    const rates = nodes
      .filter(({ name, op }) => op.kind === 'depthwise_conv2d' && name.includes('exit_flow'))
      .map(({ op }) => 'dilation' in op && op.dilation[0]);
    expect(rates).toEqual([1, 1, 2, 2]);
  });

  test('a width multiplier rounds to the divisor', () => {
    const graph = encoderGraph(xception('xception41', { widthMultiplier: 0.25 }));
    const bound = bind(graph, { image: [1, 65, 65, 3] });
    const channels = (name: string) => bound.specs.get(graph.endpoints[name])!.shape[3];
    expect(channels('entry_flow/block3')).toBe(184); // 728 / 4 = 182
    expect(channels('features')).toBe(512);
  });

  test('an unknown variant and a width of nothing are errors', () => {
    expect(() => xception('xception99' as VariantName)).toThrow(
      'unknown encoder "xception99": expected one of xception,',
    );
    expect(() => xception('xception', { widthMultiplier: 0 })).toThrow('must be positive');
  });
});

describe('features', () => {
  test.each(variantNames)(
    '%s names a tap per stage, finest first, and a low-level one of stride 4',
    (name) => {
      const bound = (features: readonly Feature[]) =>
        features.map(({ name, stride }) => [stride, name] as const);
      let taps: (readonly [number, string])[] = [];
      let lowLevel: string | undefined;
      buildGraph(imageInput(), (root, { image }) => {
        const built = xception(name, tiny).build(root, image, { outputStride: 16 });
        taps = bound(built.features);
        lowLevel = built.lowLevel;
        return { features: built.last };
      });
      const strides = taps.map(([stride]) => stride);
      expect(strides).toEqual(name === 'xception-middle' ? [2, 4, 8, 16] : [2, 4, 8, 16, 16]);
      expect(taps.find(([, endpoint]) => endpoint === lowLevel)?.[0]).toBe(4);
    },
  );
});

test('heads: hidden layers, probabilities, an embedding', async () => {
  const encoder = xception('xception', tiny);
  const graph = classifier(encoder, { classes: 7, hidden: [12, 12], output: 'probabilities' });
  const outputs = ['probabilities', 'embedding', 'logits'];
  const feeds = { image: goldenImage([2, 71, 71, 3]) };
  const { probabilities, embedding, logits } = await evaluate(filledModel(graph), feeds, { outputs });
  expect(probabilities.shape).toEqual([2, 7]);
  expect(logits.shape).toEqual([2, 7]);
  expect(embedding.shape).toEqual([2, 64]);
  const sum = floatsOf(probabilities)
    .slice(0, 7)
    .reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(1, 5);
  expect(() => classifier(encoder, { classes: 0 })).toThrow('expected a positive number of classes');
});
