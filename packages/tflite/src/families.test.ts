import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import { findNetwork, type NetworkOptions } from '@atrous/zoo';
import { beforeAll, expect, test } from 'vitest';
import { toTflite } from './index.ts';
import { runLitert, startLitert } from './test_litert.ts';

beforeAll(startLitert);

const narrow: NetworkOptions = { classes: 5, encoder: { widthMultiplier: 1 / 32, channelDivisor: 2 } };
const head: NetworkOptions = {
  ...narrow,
  aspp: { channels: 4 },
  decoder: { channels: 4, lowLevelChannels: 2 },
};

/** One network of each family and head, as narrow as can be, at sizes that no stride divides. */
const networks: readonly (readonly [name: string, options: NetworkOptions, height: number, width: number])[] =
  [
    ['deeplabv3plus-xception41', head, 49, 67],
    ['deeplabv3plus-xception65', { ...head, resize: 'half-pixel', outputStride: 8 }, 48, 64],
    ['xception41p', narrow, 71, 66],
    ['mini-xception', { classes: 5 }, 48, 48],
    ['deeplabv3-vgg11_bn', { ...head, decoder: undefined }, 70, 65],
    ['deeplabv3-resnet50', { ...head, decoder: undefined, resize: 'asymmetric' }, 49, 67],
    ['resnet18', narrow, 66, 71],
    ['inception_v3', narrow, 107, 123],
    ['inception_resnet_v2', narrow, 107, 99],
    ['deeplabv3plus-mobilenetv2_100', { ...head, resize: 'half-pixel' }, 49, 67],
    ['mobilenetv3_small_100', narrow, 66, 71],
  ];

test.each(networks)('a narrow %s', async (name, options, height, width) => {
  const { graph } = await findNetwork(name, options);
  const model = filledModel(graph);
  const shape = [1, height, width, graph.inputs.image.shape[3]!];
  const feeds = { image: goldenImage(shape) };
  const expected = await evaluate(model, feeds);
  const actual = await runLitert(await toTflite(model, { shapes: { image: shape } }), feeds);
  expect(relativeError(actual.logits, expected.logits)).toBeLessThan(1e-5);
});
