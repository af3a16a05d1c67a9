import { filledModel, goldenImage, loadGolden, relativeError } from '@atrous/golden';
import {
  bind,
  buildGraph,
  cost,
  evaluate,
  type Feature,
  imageInput,
  type OutputStride,
  weightShapes,
} from '@atrous/graph';
import { type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { classifierOf, encoderOf } from '../test_classifier.ts';
import { inception } from './inception.ts';
import { variants } from './variants.ts';

const names = Object.keys(variants);
const outputStrides: readonly OutputStride[] = [8, 16, 32];

describe('Keras counts layers in the order of their creation', () => {
  const leaves: Readonly<Record<string, string>> = { mean: 'moving_mean', variance: 'moving_variance' };
  const nameIn = (variant: string) => {
    const rules = inception.namings.keras.rules(variant);
    return (layer: string) => {
      const [pattern, name] = rules.find(([pattern]) => pattern.test(layer))!;
      return typeof name === 'string' ? layer.replace(pattern, name) : name(...pattern.exec(layer)!.slice(1));
    };
  };

  test('each of our layers has the one of its shape, and none is left', async () => {
    const golden = await loadGolden('keras-inception_v3-139x107');
    const nameOf = nameIn('inception_v3');
    const ours = [...weightShapes(classifierOf(inception, 'inception_v3'))].flatMap(([key, shape]) => {
      const [, layer, leaf] = /^(.*)\/(\w+)$/.exec(key)!;
      if (leaf === 'gamma') return []; // Keras leaves it out
      return [`${nameOf(layer)}/${leaves[leaf] ?? leaf} ${shape.join()}`];
    });
    const theirs = golden.params.map(([name, shape]) => {
      const counted = name.replace(/^(conv2d|batch_normalization)(?:_(\d+))?/, (_, layer, n = 0) => {
        return `${layer}#${Number(n) + 1}`;
      });
      return `${counted} ${shape.join()}`;
    });
    expect(ours.sort()).toEqual(theirs.sort());
  });

  test('projections and the last convolution of Inception-ResNet-v2 have names', () => {
    const nameOf = nameIn('inception_resnet_v2');
    expect(nameOf('encoder/block17_3@14/projection')).toBe('block17_3_conv');
    expect(nameOf('encoder/conv_7b@43/conv1')).toBe('conv_7b');
    expect(nameOf('encoder/conv_7b@43/conv1/batch_norm')).toBe('conv_7b_bn');
    expect(nameOf('encoder/block8_10@42/branch1/conv3/batch_norm')).toBe('batch_normalization#203');
  });
});

describe('parameters and multiply-adds as timm counts them', () => {
  // timm 1.0.29 at 299×299: trainable parameters; multiply-adds of convolutions and dense layers
  const expected: [string, number, number][] = [
    ['inception_v3', 23_834_568, 5_713_216_096],
    ['inception_v4', 42_679_816, 12_253_974_624],
    ['inception_resnet_v2', 55_843_464, 13_155_794_016],
  ];
  test.each(expected)('%s', (name, parameters, multiplyAdds) => {
    const counted = cost(classifierOf(inception, name), { image: [1, 299, 299, 3] });
    expect(counted.parameters).toBe(parameters);
    expect(counted.multiplyAdds).toBe(multiplyAdds);
  });
});

describe.each(names)('%s', (name) => {
  const built = (outputStride: OutputStride) => {
    let features: readonly Feature[] = [];
    let lowLevel = '';
    const graph = buildGraph(imageInput(), (root, { image }) => {
      const encoder = inception.build(name).build(root.child('encoder'), image, { outputStride });
      ({ features, lowLevel } = encoder);
      return { features: encoder.last };
    });
    return { graph, features, lowLevel };
  };

  test.each(outputStrides)(
    'at output stride %d hands on a tap per stage, with honest strides',
    (outputStride) => {
      const { graph, features, lowLevel } = built(outputStride);
      const strides = features.map(({ stride }) => stride);
      expect(strides).toEqual([2, 4, 8, 16, 32].map((stride) => Math.min(stride, outputStride)));
      expect(features.find((feature) => feature.name === lowLevel)?.stride).toBe(4);
      // A picture that is one step of the tap larger gives exactly one position more.
      const extents = (side: number) => {
        const bound = bind(graph, { image: [1, side, side, 3] });
        return features.map(({ value }) => bound.specs.get(value.name)!.shape[1]);
      };
      const smaller = extents(299);
      features.forEach(({ stride }, i) => {
        expect(extents(299 + stride)[i]).toBe(smaller[i] + 1);
      });
    },
  );

  test('has the same weights at every output stride', () => {
    const parameters = outputStrides.map((outputStride) => {
      return cost(encoderOf(inception, name, { outputStride }), { image: [1, 149, 149, 3] }).parameters;
    });
    expect(new Set(parameters).size).toBe(1);
  });
});

test('Inception-ResNet-v2 at output stride 16 has the values of 32, at more places', async () => {
  const options = { widthMultiplier: 1 / 32, channelDivisor: 2 };
  const model = filledModel(encoderOf(inception, 'inception_resnet_v2', { options }));
  const graph = encoderOf(inception, 'inception_resnet_v2', { options, outputStride: 16 });
  const feeds = { image: goldenImage([1, 139, 139, 3]) };
  const coarse = (await evaluate(model, feeds)).features;
  const fine = (await evaluate({ graph, weights: model.weights }, feeds)).features;
  expect(relativeError(everyOther(fine), coarse)).toBeLessThan(1e-6);
});

/** Every other row and column. */
function everyOther({ shape, data }: Tensor): Tensor {
  const [, height, width, channels] = shape;
  const values: number[] = [];
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = (y * width + x) * channels;
      values.push(...data.subarray(at, at + channels));
    }
  }
  const kept = [Math.ceil(height / 2), Math.ceil(width / 2)];
  return tensor('float32', [1, ...kept, channels], Float32Array.from(values));
}
