import { type EncoderGoldenName, goldenError, goldenImage, goldenWeights, loadGolden } from '@atrous/golden';
import { type EncoderFamily, evaluate, type OutputStride } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { mobilenetV2 } from './mobilenet_v2/index.ts';
import { mobilenetV3 } from './mobilenet_v3/index.ts';
import { resnet } from './resnet/index.ts';
import { classifierOf, encoderOf } from './test_classifier.ts';
import { originalWeights } from './test_weights.ts';
import { vgg } from './vgg/index.ts';

/** Where each original has its encoder, and by whose names. */
interface Row {
  readonly family: EncoderFamily;
  readonly variant: string;
  readonly naming: string;
  readonly prefix?: string;
  /** Our endpoints beside the original's own taps, where its golden has them. */
  readonly taps?: readonly string[];
  /** What the original really runs at, where its golden says otherwise. */
  readonly outputStride?: OutputStride;
}

const classifiers: [string, Row][] = [
  [
    'timm-vgg16-64x96',
    {
      family: vgg,
      variant: 'vgg16',
      naming: 'timm',
      taps: ['stage1', 'stage2', 'stage3', 'stage4', 'stage5', 'features'],
    },
  ],
  [
    'timm-resnet50-97x129-os16',
    {
      family: resnet,
      variant: 'resnet50',
      naming: 'timm',
      taps: ['conv1', 'stage1', 'stage2', 'stage3', 'stage4'],
    },
  ],
  [
    'timm-mobilenetv2_100-97x129-os16',
    {
      family: mobilenetV2,
      variant: 'mobilenetv2_100',
      naming: 'timm',
      taps: ['stage1', 'stage2', 'stage3', 'stage5', 'stage7'],
    },
  ],
  ['keras-resnet50-66x97', { family: resnet, variant: 'resnet50', naming: 'keras' }],
  ['keras-mobilenet_v2-66x97', { family: mobilenetV2, variant: 'mobilenetv2_100', naming: 'keras' }],
  [
    'keras-mobilenet_v3_large-66x97',
    { family: mobilenetV3, variant: 'mobilenetv3_large_100', naming: 'keras' },
  ],
];

const encoders: [string, Row][] = [
  [
    'torchvision-deeplabv3_resnet50-65x97',
    { family: resnet, variant: 'resnet50', naming: 'torchvision', prefix: 'backbone.' },
  ],
  [
    'torchvision-deeplabv3_mobilenet_v3_large-65x97',
    {
      family: mobilenetV3,
      variant: 'mobilenetv3_large_100',
      naming: 'torchvision',
      prefix: 'backbone.',
      outputStride: 16,
    },
  ],
  [
    'vainf-deeplabv3plus_resnet50-97x129-os16',
    { family: resnet, variant: 'resnet50', naming: 'torchvision', prefix: 'backbone.' },
  ],
  [
    'vainf-deeplabv3plus_mobilenet-97x129-os16',
    { family: mobilenetV2, variant: 'mobilenetv2_100', naming: 'vainf', prefix: 'backbone.' },
  ],
  [
    'bubbliiiing-deeplab-mobilenet-97x129-os16',
    { family: mobilenetV2, variant: 'mobilenetv2_100', naming: 'bubbliiiing', prefix: 'backbone.' },
  ],
  [
    'smp-deeplabv3plus-resnet50-96x128-os16',
    { family: resnet, variant: 'resnet50', naming: 'smp', prefix: 'encoder.' },
  ],
];

const tolerance = 1e-4;

describe('classifiers have the features and logits of the original', () => {
  test.each(classifiers)('%s', async (name, row) => {
    const golden = await loadGolden(name as EncoderGoldenName);
    const graph = classifierOf(row.family, row.variant, {
      options: row.family.namings[row.naming].conventions,
      outputStride: golden.outputStride,
    });
    const weights = originalWeights(graph, goldenWeights(golden), row);
    const outputs = ['features', 'logits', ...(row.taps ?? [])];
    const values = await evaluate({ graph, weights }, { image: goldenImage(golden.input.size) }, { outputs });
    expect(goldenError(values.features, golden.features!)).toBeLessThan(tolerance);
    expect(goldenError(values.logits, golden.logits!)).toBeLessThan(tolerance);
    Object.values(golden.endpoints ?? []).forEach((stats, i) => {
      expect(goldenError(values[row.taps![i]], stats), row.taps![i]).toBeLessThan(tolerance);
    });
  });
});

describe('encoders of DeepLabs hand on what the original hands on', () => {
  test.each(encoders)('%s', async (name, row) => {
    const golden = await loadGolden(name as EncoderGoldenName);
    const graph = encoderOf(row.family, row.variant, {
      options: row.family.namings[row.naming].conventions,
      outputStride: row.outputStride ?? golden.outputStride,
    });
    const weights = originalWeights(graph, goldenWeights(golden), row);
    const { features } = await evaluate({ graph, weights }, { image: goldenImage(golden.input.size) });
    expect(goldenError(features, golden.features!)).toBeLessThan(tolerance);
  });
});
