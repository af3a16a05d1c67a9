import {
  type GoldenName,
  goldenError,
  goldenImage,
  goldenNames,
  goldenWeights,
  loadGolden,
} from '@atrous/golden';
import { evaluate, referenceRuntime, type WeightSource } from '@atrous/graph';
import { floatsOf, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import type { ArchitectureOptions } from './architecture.ts';
import { goldenModel, parityError } from './test_parity.ts';

describe('the reference agrees with the original implementations', () => {
  test.each(goldenNames)('%s', async (name) => {
    expect(await parityError(await loadGolden(name), referenceRuntime)).toBeLessThan(1e-5);
  });
});

describe('the goldens can fail', () => {
  async function logitsError(
    name: GoldenName,
    options: ArchitectureOptions,
    change = (weights: WeightSource) => weights,
  ) {
    const golden = await loadGolden(name);
    const model = goldenModel(golden, options, change(goldenWeights(golden)));
    const { logits } = await evaluate(model, { image: goldenImage(golden.input.size) });
    return goldenError(
      logits,
      golden.logits ?? (golden.endpoints as Record<string, NonNullable<typeof golden.logits>>).logits,
    );
  }
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

  test('swapped axes', async () => {
    /** Height and width of every depthwise kernel trade places. */
    const swap = (weights: WeightSource): WeightSource => ({
      ...weights,
      async read(name) {
        const weight = await weights.read(name);
        if (!name.endsWith('conv_dw.weight')) return weight;
        const data = floatsOf(weight);
        const turned = data.map((_, i) => data[i - (i % 9) + (i % 3) * 3 + Math.floor((i % 9) / 3)]);
        return tensor('float32', weight.shape, turned);
      },
    });
    expect(await logitsError('timm-xception41-129-os16', {}, swap)).toBeGreaterThan(1e-4);
  });
});
