import { geometries, randomGraph, sizes } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { castToHalf, castToInt8, evaluate, foldBatchNorm, type Model } from '@atrous/graph';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TfliteOptions, toTflite } from './index.ts';
import { runLitert, startLitert } from './test_litert.ts';

beforeAll(startLitert);

/** The largest error of a file's outputs, against what our own kernels make of `expected`. */
async function errorOf(
  model: Model,
  shape: readonly number[],
  options: Partial<TfliteOptions> = {},
  expected: Model = model,
): Promise<number> {
  const feeds = { image: goldenImage(shape) };
  const actual = await runLitert(await toTflite(model, { shapes: { image: shape }, ...options }), feeds);
  const ours = await evaluate(expected, feeds);
  expect(Object.keys(actual)).toEqual(Object.keys(ours));
  return Math.max(
    ...Object.entries(ours).map(([name, value]) => {
      expect([actual[name].dtype, actual[name].shape]).toEqual([value.dtype, value.shape]);
      return relativeError(actual[name], value);
    }),
  );
}

describe('LiteRT.js gives what our kernels give', () => {
  test.each([...geometries])('%s', async (_name, model) => {
    for (const size of sizes) expect(await errorOf(model, [...size, 3]), `at ${size}`).toBeLessThan(1e-5);
  });
});

/** A network of random operators: whatever stands before and after whatever. */
test.each(Array.from({ length: 20 }, (_, seed) => seed))('random network %i', async (seed) => {
  const model = filledModel(randomGraph(seed));
  const [channels] = model.graph.inputs.image.shape.slice(-1);
  expect(await errorOf(model, [1, 13, 10, channels!])).toBeLessThan(1e-4);
});

const withKernels = [...geometries].filter(([, { graph }]) =>
  graph.nodes.some(({ op }) => ['conv2d', 'depthwise_conv2d', 'dense'].includes(op.kind)),
);

/** The folded model with rounded kernels: what the file holds. */
const rounded = {
  float16: (model: Model) => {
    const folded = foldBatchNorm(model);
    return castToHalf(
      folded,
      folded.weights.names.filter((name) => !name.endsWith('/kernel')),
    );
  },
  int8: (model: Model) => castToInt8(foldBatchNorm(model)),
} as const;

describe.each(['float16', 'int8'] as const)('kernels in %s', (precision) => {
  test.each(withKernels)('%s', async (_name, model) => {
    const expected = rounded[precision](model);
    expect(await errorOf(model, [1, 9, 12, 3], { precision }, expected)).toBeLessThan(1e-5);
  });
});

/** Rounding what an operator reads moves what it makes by about a hundredth; labels are near nothing. */
describe('what operators read in 8 bits, too', () => {
  test.each(withKernels.filter(([name]) => !name.startsWith('arg_max')))('%s', async (_name, model) => {
    const options = { precision: 'int8', dynamicRange: true } as const;
    expect(await errorOf(model, [1, 9, 12, 3], options, rounded.int8(model))).toBeLessThan(0.02);
  });
});
