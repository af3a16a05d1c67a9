import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import {
  bind,
  buildGraph,
  type EncoderFamily,
  type EncoderFeatures,
  evaluate,
  type FamilyOptions,
  imageInput,
  type OutputStride,
  weightShapes,
} from '@atrous/graph';
import { type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { mobilenetV2 } from './mobilenet_v2/index.ts';
import { mobilenetV3 } from './mobilenet_v3/index.ts';
import { resnet } from './resnet/index.ts';
import { encoderOf } from './test_classifier.ts';
import { vgg } from './vgg/index.ts';

const families: readonly EncoderFamily[] = [vgg, resnet, mobilenetV2, mobilenetV3];
const all = families.flatMap((family) =>
  Object.keys(family.variants).map((variant) => [variant, family] as const),
);
const outputStrides: readonly OutputStride[] = [8, 16, 32];

/** A network small enough to be run by the reference. */
const tiny = { widthMultiplier: 1 / 16, channelDivisor: 2 };

function build(family: EncoderFamily, variant: string, outputStride: OutputStride, options?: FamilyOptions) {
  const built: EncoderFeatures[] = [];
  const graph = buildGraph(imageInput(), (root, { image }) => {
    built.push(family.build(variant, options).build(root.child('encoder'), image, { outputStride }));
    return { features: built[0].last };
  });
  return { graph, encoder: built[0] };
}

describe.each(all)('%s', (variant, family) => {
  test.each(outputStrides)('at output stride %d is as fine as it says', (outputStride) => {
    const { graph, encoder } = build(family, variant, outputStride);
    const { specs } = bind(graph, { image: [1, 128, 192, 3] });
    for (const { name, value, stride } of encoder.features) {
      expect(specs.get(value.name)!.shape.slice(1, 3), name).toEqual([128 / stride, 192 / stride]);
      expect(graph.endpoints[name]).toBe(value.name);
    }
    const strides = encoder.features.map(({ stride }) => stride);
    expect(strides).toEqual(strides.toSorted((a, b) => a - b));
    expect(strides.at(-1)).toBe(outputStride);
    expect(encoder.features.at(-1)!.value).toBe(encoder.last);
    expect(encoder.features.find(({ name }) => name === encoder.lowLevel)!.stride).toBe(4);
  });

  test('has the same weights at every output stride', () => {
    const [first, ...others] = outputStrides.map((stride) =>
      weightShapes(build(family, variant, stride).graph),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  test('says of each tap whether its activation stands', () => {
    const { graph, encoder } = build(family, variant, 32);
    const kinds = new Map(graph.nodes.map((node) => [node.name, node.op.kind]));
    for (const { value, activated } of encoder.features) {
      const isPooled = kinds.get(value.name) === 'pool';
      expect(activated).toBe(isPooled || kinds.get(value.name) === 'activation');
    }
  });

  test('names blocks in the order that they come in, after the stem', () => {
    const layers = [...weightShapes(build(family, variant, 32).graph).keys()];
    const blocks = layers.map((key) => family.blockOf(key.slice('encoder/'.length)));
    const firstBlock = blocks.findIndex((block) => block !== undefined);
    expect(blocks.slice(0, firstBlock).every((block) => block === undefined)).toBe(true);
    expect(blocks.slice(firstBlock)).not.toContain(undefined);
    const changes = blocks.slice(firstBlock).filter((block, i, list) => block !== list[i - 1]);
    expect(new Set(changes).size).toBe(changes.length);
  });
});

describe('at a finer output stride has the values of the coarser, at more places', () => {
  // What atrous convolution is for (Chen et al. 2017, section 3.1); to the last pixel where every extent is odd. Pools
  // do not dilate, so that VGG has no such property.
  test.each([
    ['resnet18', resnet],
    ['resnet50', resnet],
    ['mobilenetv2_100', mobilenetV2],
    ['mobilenetv3_large_100', mobilenetV3],
  ] as const)('%s', async (variant, family) => {
    const feeds = { image: goldenImage([1, 65, 97, 3]) };
    // a squeeze-and-excite over more places is another one: the last block before the first such
    const outputs = [family === mobilenetV3 ? 'stage4/block4' : 'features'];
    const model = filledModel(encoderOf(family, variant, { options: tiny, outputStride: 32 }));
    const [coarse, fine] = await Promise.all(
      ([32, 8] as const).map(async (outputStride) => {
        const graph = encoderOf(family, variant, { options: tiny, outputStride });
        const values = await evaluate({ graph, weights: model.weights }, feeds, { outputs });
        return values[outputs[0]];
      }),
    );
    const step = fine.shape[1] > coarse.shape[1] ? (fine.shape[1] - 1) / (coarse.shape[1] - 1) : 1;
    expect(step).toBeGreaterThan(1);
    expect(relativeError(everyNth(fine, step), coarse)).toBeLessThan(1e-6);
  });
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

test.each(families)('$name refuses a variant that it does not have, naming those that it has', (family) => {
  const [first] = Object.keys(family.variants);
  expect(() => family.build(`${first}x`)).toThrow(first);
});
