import type { EncoderFamily, OutputStride } from '@atrous/graph';
import { expect, test } from 'vitest';
import { mobilenetV2 } from './mobilenet_v2/index.ts';
import { mobilenetV3 } from './mobilenet_v3/index.ts';
import { resnet } from './resnet/index.ts';
import { encoderOf } from './test_classifier.ts';
import { vgg } from './vgg/index.ts';

/** The dilation of each convolution with a kernel, stage by stage, from the first stage that is dilated at all. */
function dilations(
  family: EncoderFamily,
  variant: string,
  naming: string,
  outputStride: OutputStride,
): number[][] {
  const graph = encoderOf(family, variant, { options: family.namings[naming].conventions, outputStride });
  const stages = new Map<string, number[]>();
  for (const { name, op } of graph.nodes) {
    if (op.kind !== 'conv2d' && op.kind !== 'depthwise_conv2d') continue;
    const stage = /stage\d/.exec(name)?.[0];
    if (stage === undefined || op.kernel[0] === 1) continue;
    stages.set(stage, [...(stages.get(stage) ?? []), op.dilation[0]]);
  }
  const all = [...stages.values()];
  return all.slice(all.findIndex((rates) => rates.some((rate) => rate > 1)));
}

/** As the originals' modules print it. */
const rows: [EncoderFamily, string, string, OutputStride, number[][]][] = [
  // a basic block's second convolution is dilated where its first has lost its stride
  [resnet, 'resnet18', 'timm', 16, [[1, 2, 2, 2]]],
  [
    resnet,
    'resnet50',
    'timm',
    8,
    [
      [1, 2, 2, 2, 2, 2],
      [2, 4, 4],
    ],
  ],
  [
    resnet,
    'resnet18',
    'smp',
    8,
    [
      [2, 2, 2, 2],
      [4, 4, 4, 4],
    ],
  ],
  [resnet, 'resnet101', 'jfzhang95', 16, [[2, 4, 8]]],
  [mobilenetV2, 'mobilenetv2_100', 'timm', 16, [[1, 2, 2], [2]]],
  [mobilenetV2, 'mobilenetv2_100', 'smp', 8, [[2, 2, 2, 2], [2, 2, 2], [4, 4, 4], [4]]],
  [mobilenetV2, 'mobilenetv2_100', 'jfzhang95', 8, [[2, 2, 2], [2, 2, 2], [4]]],
  [mobilenetV3, 'mobilenetv3_large_100', 'torchvision', 16, [[2, 2, 2]]],
  [mobilenetV3, 'mobilenetv3_large_100', 'timm', 16, [[1, 2, 2]]],
  [vgg, 'vgg16', 'timm', 8, [[2, 2, 2]]],
];

test.each(rows)('%o %s of %s at output stride %d', (family, variant, naming, outputStride, expected) => {
  expect(dilations(family, variant, naming, outputStride)).toEqual(expected);
});
