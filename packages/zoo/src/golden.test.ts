import {
  type GoldenName,
  goldenError,
  goldenImage,
  goldenNames,
  goldenWeights,
  loadGolden,
} from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { type ArchitectureOptions, modelFromWeights } from './node.ts';

async function logitsError(name: GoldenName, options: ArchitectureOptions = {}): Promise<number> {
  const golden = await loadGolden(name);
  const model = modelFromWeights(goldenWeights(golden), {
    network: golden.model,
    options: { outputStride: golden.outputStride, ...options },
  });
  const { logits } = await evaluate(model, { image: goldenImage(golden.input.size) });
  const expected =
    golden.logits ?? (golden.endpoints as Record<string, Parameters<typeof goldenError>[1]>).logits;
  return goldenError(logits, expected);
}

describe('the reference evaluator agrees with the original implementations', () => {
  test.each(goldenNames)('%s', async (name) => {
    expect(await logitsError(name)).toBeLessThan(1e-5);
  });
});

describe('the goldens can fail', () => {
  const keras = 'keras-deeplabv3plus-xception65-65x321-os16';
  const wrong: [string, GoldenName, ArchitectureOptions][] = [
    ['a wrong rate', keras, { aspp: { rates: [6, 12, 24] } }],
    ['a wrong epsilon', 'timm-xception41-129-os16', { batchNormEpsilon: 1e-5 }],
    ['a wrong concat order', keras, { aspp: { concat: ['1x1', 'rate0', 'rate1', 'rate2', 'pool'] } }],
    ['a wrong resize convention', keras, { resize: 'half-pixel' }],
    ['wrong pool padding', 'timm-xception-299', { padding: { stem: 'valid', pool: 'same' } }],
  ];
  test.each(wrong)('%s', async (_what, name, options) => {
    expect(await logitsError(name, options)).toBeGreaterThan(1e-4);
  });
});
