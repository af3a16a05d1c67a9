import { buildGraph, conv2d, imageInput, separableConv2d } from '@atrous/graph';
import { findNetwork } from '@atrous/zoo';
import { expect, test } from 'vitest';
import { compareGraphs } from './networks.ts';
import { published } from './published.ts';

// timm 1.0.29: trainable parameters, and multiply-adds of convolutions and dense layers at the crop of the paper
const counted: [string, number, number][] = [
  ['vgg16', 138_357_544, 15_470_264_320],
  ['resnet50', 25_557_032, 4_089_184_256],
  ['inception_v3', 23_834_568, 5_713_216_096],
  ['inception_v4', 42_679_816, 12_253_974_624],
  ['inception_resnet_v2', 55_843_464, 13_155_794_016],
  ['xception', 22_855_952, 8_357_403_496],
  ['mobilenetv2_100', 3_504_872, 300_774_272],
];
test.each(counted)('%s: parameters and multiply-adds as timm counts them', async (name, parameters, macs) => {
  const { graph } = await findNetwork(name);
  const side = published[name].crop;
  const [row] = compareGraphs([{ name, graph }], { height: side, width: side });
  expect(row).toMatchObject({ network: name, parameters, macs, published: published[name] });
});

test('only separable convolutions have ordinary ones to be compared with', () => {
  const graphOf = (isSeparable: boolean) =>
    buildGraph(imageInput(), (root, { image }) => {
      const wide = conv2d(root.child('stem'), image, { channels: 16 });
      const options = { channels: 32, epsilon: 1e-3, norm: 'none', between: 'none' } as const;
      const layer = root.child('layer');
      return {
        y: isSeparable
          ? separableConv2d(layer, wide, options)
          : conv2d(layer, wide, { channels: 32, kernel: 3 }),
      };
    });
  const [separable, ordinary] = compareGraphs(
    [
      { name: 'separable', graph: graphOf(true) },
      { name: 'ordinary', graph: graphOf(false) },
    ],
    { height: 4, width: 8 },
  );
  expect(ordinary.macs).toBe(32 * (3 * 16 + 9 * 16 * 32));
  expect(ordinary.ordinary).toEqual({ macs: ordinary.macs, parameters: ordinary.parameters });
  expect(separable.ordinary).toEqual(ordinary.ordinary);
  expect(separable.macs).toBe(32 * (3 * 16 + 9 * 16 + 16 * 32));
  expect(separable).not.toHaveProperty('published');
  expect(ordinary.activationBytes).toEqual({ peak: 4 * 32 * (16 + 32), sum: 4 * 32 * (16 + 32) });
});

test('a picture that is too small for a network is an error that names it', async () => {
  const { graph } = await findNetwork('inception_v3');
  const compared = () => compareGraphs([{ name: 'inception_v3', graph }], { height: 40, width: 40 });
  expect(compared).toThrow(/^inception_v3: encoder\/\w+.*is too small for a window/);
});
