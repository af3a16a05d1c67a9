import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import {
  bind,
  buildGraph,
  cost,
  type EncoderFeatures,
  evaluate,
  imageInput,
  type OutputStride,
} from '@atrous/graph';
import { floatsOf, type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { type XceptionOptions, xception } from './encoder.ts';
import { encoderGraph } from './test_graph.ts';
import { type VariantName, variantNames, variants } from './variants.ts';

/** A network small enough to be run by the reference. */
const tiny = { widthMultiplier: 1 / 32, channelDivisor: 2 };

/** What a variant is by nature: its coarsest stride, its channels there, and how many positions an unpadded stem costs. */
const nature: Record<VariantName, readonly [stride: number, channels: number, lost: number]> = {
  xception: [32, 2048, 2],
  'xception-block5': [16, 728, 2],
  'xception-middle': [16, 728, 2],
  'xception-low-rank': [16, 728, 2],
  'xception-block13': [32, 1024, 2],
  xception41: [32, 2048, 0],
  xception65: [32, 2048, 0],
  xception71: [32, 2048, 0],
  xception41p: [32, 2048, 0],
  xception65p: [32, 2048, 0],
  xception39: [32, 256, 0],
  'mini-xception': [16, 128, 1],
  'tiny-xception': [16, 64, 1],
  'big-xception': [8, 256, 2],
  'tiny-xception-faces': [16, 512, 1],
};

describe.each(variantNames)('%s', (name) => {
  const [coarsest, channels, lost] = nature[name];
  const input = variants[name].channels ?? 3;
  const graphOf = (outputStride: number, options = {}) =>
    encoderGraph(xception(name, options), { outputStride: outputStride as OutputStride, channels: input });
  const reached = [8, 16, 32].filter((stride) => stride <= coarsest);

  test.each(reached)('comes out at output stride %d', (outputStride) => {
    const bound = bind(graphOf(outputStride), { image: [1, 257, 321, input] });
    const { shape } = bound.specs.get(bound.outputs.features)!;
    expect(Math.abs(shape[1] - (256 / outputStride + 1))).toBeLessThanOrEqual(lost);
    expect(Math.abs(shape[2] - (320 / outputStride + 1))).toBeLessThanOrEqual(lost);
    expect(shape[3]).toBe(channels);
  });

  test('has the same weights at every output stride', () => {
    const parameters = [8, 16, 32].map((outputStride) => {
      return cost(graphOf(outputStride), { image: [1, 129, 129, input] }).parameters;
    });
    expect(new Set(parameters).size).toBe(1);
  });

  // Pools that lose their stride do not dilate, so that a second one computes something else.
  const isPooled = variants[name].style === 'pooled';
  const comparable = reached.filter((stride) => (isPooled ? stride === coarsest / 2 : stride < coarsest));
  const order = ['depthwise-first', 'pointwise-first'] as const;
  const cases = comparable.flatMap((stride) => order.map((one) => [stride, one] as const));
  test.each(cases)(
    'at output stride %d, %s, has the values of the coarsest, at more places',
    async (outputStride, order) => {
      // What atrous convolution is for (Chen et al. 2017, section 3.1); to the last pixel where every extent is odd.
      const options = { ...tiny, order };
      const model = filledModel(graphOf(coarsest, options));
      // A side whose every extent down to the coarsest is odd.
      const side = { 0: 65, 1: 69, 2: 71 }[lost]!;
      const feeds = { image: goldenImage([1, side, side, input]) };
      const coarse = (await evaluate(model, feeds)).features;
      const fine = (await evaluate({ graph: graphOf(outputStride, options), weights: model.weights }, feeds))
        .features;
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
  const build = (name: VariantName, options: XceptionOptions = {}) => {
    let built: EncoderFeatures | undefined;
    const graph = buildGraph(imageInput(variants[name].channels), (root, { image }) => {
      built = xception(name, { ...tiny, ...options }).build(root, image, { outputStride: 16 });
      return { features: built.last };
    });
    return { ...built!, graph };
  };

  test.each(variantNames)(
    '%s names a tap per stage, finest first, and a low-level one of stride 4',
    (name) => {
      const { features, lowLevel, graph } = build(name);
      const strides = features.map(({ stride }) => stride);
      expect(strides).toEqual(strides.toSorted((a, b) => a - b));
      expect(new Set(strides)).toEqual(new Set([...new Set(strides)]));
      const isSmall = variants[name].stem[0].stride === 1;
      expect(features.find((feature) => feature.name === lowLevel)?.stride).toBe(4);
      expect(strides.at(-1)).toBe(Math.min(16, nature[name][0]));
      expect(strides[0]).toBeLessThanOrEqual(isSmall ? 1 : 4);
      // The stride that a tap names is the one that its value has.
      const bound = bind(graph, { image: [1, 257, 257, variants[name].channels ?? 3] });
      for (const { stride, value } of features) {
        const [, height] = bound.specs.get(value.name)!.shape;
        expect(Math.abs(height - (256 / stride + 1))).toBeLessThanOrEqual(4);
      }
    },
  );

  test('a tap is handed on before or after its ReLU, and says so', () => {
    const before = build('xception65');
    expect(before.features.map(({ activated }) => activated)).toEqual([false, false, false, false, false]);
    const after = build('xception65', { taps: 'after', lowLevel: 'entry_flow/block1' });
    expect(after.lowLevel).toBe('entry_flow/block1/tap');
    const low = after.features.find(({ name }) => name === after.lowLevel)!;
    expect(low).toMatchObject({ stride: 4, activated: true });
    const node = after.graph.nodes.find(({ name }) => name === low.value.name)!;
    expect(node.op).toEqual({ kind: 'activation', function: 'relu' });
    expect(node.inputs).toEqual([after.graph.endpoints['entry_flow/block1']]);
  });
});

test('a kernel of low rank is a product: with the products as its kernels, the network of full rank has the same features', async () => {
  const low = filledModel(encoderGraph(xception('xception-low-rank', tiny)));
  const names = new Set(low.weights.names);
  const read = async (name: string) => {
    const { shape, data } = await low.weights.read(name);
    const factor = name.replace('/pointwise/kernel', '/reduce/kernel');
    if (factor === name || !names.has(factor)) return tensor('float32', shape, Float32Array.from(data));
    const first = await low.weights.read(factor);
    const [inputs, rank, outputs] = [first.shape[2], first.shape[3], shape[3]];
    const product = new Float32Array(inputs * outputs);
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        for (let r = 0; r < rank; r++)
          product[i * outputs + o] += Number(first.data[i * rank + r]) * Number(data[r * outputs + o]);
      }
    }
    return tensor('float32', [1, 1, inputs, outputs], product);
  };
  const full = encoderGraph(xception('xception-middle', tiny));
  const factors = [...names].filter((name) => name.includes('/reduce/'));
  expect(factors).toHaveLength(8 * 3 + 1);
  const feeds = { image: goldenImage([1, 65, 81, 3]) };
  const expected = (await evaluate({ graph: full, weights: { ...low.weights, read } }, feeds)).features;
  expect(relativeError((await evaluate(low, feeds)).features, expected)).toBeLessThan(1e-5);
});

test('shortcuts where they are needed: xception71 has a projection less at output stride 8, others none', () => {
  const shortcut = 728 * 728 + 2 * 728;
  const parameters = (name: VariantName, outputStride: OutputStride, options: XceptionOptions) =>
    cost(encoderGraph(xception(name, options), { outputStride }), { image: [1, 129, 129, 3] }).parameters;
  const saved = (name: VariantName, outputStride: OutputStride) =>
    parameters(name, outputStride, {}) - parameters(name, outputStride, { shortcuts: 'effective' });
  expect([8, 16, 32].map((stride) => saved('xception71', stride as OutputStride))).toEqual([shortcut, 0, 0]);
  expect(saved('xception65', 8)).toBe(0);
});

test('the last ReLU can be left out: what it would make of the sum is all that differs', async () => {
  const feeds = { image: goldenImage([1, 65, 65, 3]) };
  const features = async (lastActivation: boolean) => {
    const graph = encoderGraph(xception('xception41p', { ...tiny, lastActivation }));
    return floatsOf((await evaluate(filledModel(graph), feeds)).features);
  };
  const raw = await features(false);
  expect(Math.min(...raw)).toBeLessThan(0);
  expect(await features(true)).toEqual(raw.map((x) => Math.max(x, 0)));
});
