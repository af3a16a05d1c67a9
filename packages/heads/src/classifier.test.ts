import { filledModel, goldenImage } from '@atrous/golden';
import { cost, evaluate } from '@atrous/graph';
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
