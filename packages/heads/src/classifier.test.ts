import { readFileSync } from 'node:fs';
import { filledModel, goldenError, goldenFile, goldenImage, type Stats } from '@atrous/golden';
import { cost, type Encoder, evaluate } from '@atrous/graph';
import { floatsOf } from '@atrous/tensor';
import { type VariantName, xception } from '@atrous/xception';
import { describe, expect, test } from 'vitest';
import { classifier } from './classifier.ts';

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

const tiny = { widthMultiplier: 1 / 32, channelDivisor: 2 };

test('heads: hidden layers, probabilities, an embedding', async () => {
  const encoder = xception('xception', tiny);
  const graph = classifier(encoder, {
    classes: 7,
    shape: { kind: 'pooled', hidden: [12, 12] },
    output: 'probabilities',
  });
  const outputs = ['probabilities', 'embedding', 'logits'];
  const feeds = { image: goldenImage([2, 71, 71, 3]) };
  const { probabilities, embedding, logits } = await evaluate(filledModel(graph), feeds, { outputs });
  expect(probabilities.shape).toEqual([2, 7]);
  expect(logits.shape).toEqual([2, 7]);
  expect(embedding.shape).toEqual([2, 12]);
  const sum = floatsOf(probabilities)
    .slice(0, 7)
    .reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(1, 5);
  expect(() => classifier(encoder, { classes: 0 })).toThrow('expected a positive number of classes');
});

/** The end of VGG in the originals' code, on features of a size (golden/generate/generate_vgg_head.py). */
interface VggHead {
  readonly size: readonly number[];
  /** timm's: https://github.com/huggingface/pytorch-image-models/blob/main/timm/models/vgg.py */
  readonly upTo: Stats;
  /** torchvision's: https://github.com/pytorch/vision/blob/main/torchvision/models/vgg.py */
  readonly to: Stats;
}

describe('the end of VGG pools as the originals do', () => {
  const rows: VggHead[] = JSON.parse(readFileSync(goldenFile('vgg-head.json'), 'utf8'));
  const none: Encoder = {
    name: 'none',
    build: (_scope, image) => ({ features: [], last: image, lowLevel: '' }),
  };
  const logitsOf = async (size: readonly number[], pools?: 'to' | 'up-to') => {
    const shape = { kind: 'convolutional', kernel: 7, hidden: [12, 12], pools } as const;
    const model = filledModel(classifier(none, { classes: 5, shape }));
    return (await evaluate(model, { image: goldenImage(size) })).logits;
  };
  test.each(rows.map((row) => [row.size.slice(1, 3).join('×'), row] as const))('%s', async (_, row) => {
    expect(goldenError(await logitsOf(row.size, 'up-to'), row.upTo)).toBeLessThan(1e-5);
    expect(goldenError(await logitsOf(row.size, 'to'), row.to)).toBeLessThan(1e-5);
    expect(goldenError(await logitsOf(row.size), row.to)).toBeLessThan(1e-5);
  });
});
