import {
  type GoldenName,
  goldenError,
  goldenImage,
  goldenNames,
  goldenWeights,
  loadGolden,
} from '@atrous/golden';
import { referenceRuntime, type WeightSource } from '@atrous/graph';
import { wasm } from '@atrous/runtime-wasm';
import { floatsOf, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { type NetworkOptions, networkName } from './architecture.ts';
import { goldenModel, oneOfEach, parityError, recognised } from './test_parity.ts';

test.each(goldenNames)('%s is recognised from names and shapes, and all of it is used', async (name) => {
  const { source, architecture, ignored, used } = await goldenModel(await loadGolden(name));
  expect([source, networkName(architecture)]).toEqual(recognised[name]);
  expect(ignored.filter((left) => !/^aux_classifier\./.test(left))).toEqual([]);
  expect(used).toBeGreaterThan(100 * Number(!name.includes('vgg')));
});

test('whose VGG it is says how its classifier pools', async () => {
  const timm = await loadGolden('timm-vgg16-64x96');
  const { architecture, graph } = await goldenModel(timm);
  expect(architecture.classifier).toEqual({ pools: 'up-to' });
  const pool = graph.nodes.find(({ op }) => op.kind === 'adaptive_average_pool');
  expect(pool?.op).toEqual({ kind: 'adaptive_average_pool', height: 7, width: 7, atLeast: true });
  const told = await goldenModel(timm, { classifier: { pools: 'to' } });
  expect(told.architecture.classifier).toEqual({ pools: 'to' });
  expect((await goldenModel(await loadGolden('timm-resnet50-97x129-os16'))).architecture).not.toHaveProperty(
    'classifier',
  );
});

// The reference is slow: scripts/parity.ts holds it against all of them.
describe('the reference agrees with the original implementations', () => {
  test.each(oneOfEach)('%s', async (name) => {
    expect(await parityError(await loadGolden(name), referenceRuntime)).toBeLessThan(1e-5);
  });
});

describe('the goldens can fail', () => {
  async function logitsError(
    name: GoldenName,
    options: NetworkOptions,
    change = (weights: WeightSource) => weights,
  ) {
    const golden = await loadGolden(name);
    const model = await goldenModel(golden, options, change(goldenWeights(golden)));
    const session = await wasm().load(model);
    const { logits } = await session.run({ image: goldenImage(golden.input.size) });
    await session.dispose();
    return goldenError(
      logits,
      golden.logits ?? (golden.endpoints as Record<string, NonNullable<typeof golden.logits>>).logits,
    );
  }
  const keras = 'keras-deeplabv3plus-xception65-65x321-os16';
  const wrong: [string, GoldenName, NetworkOptions][] = [
    ['a wrong rate', keras, { aspp: { rates: [6, 12, 24] } }],
    ['a wrong epsilon', 'timm-xception41-129-os16', { encoder: { epsilon: 1e-5 } }],
    ['a wrong concat order', keras, { aspp: { concat: ['1x1', 'rate0', 'rate1', 'rate2', 'pool'] } }],
    ['a wrong resize convention', keras, { resize: 'half-pixel' }],
    ['wrong pool padding', 'timm-xception-299', { encoder: { padding: { stem: 'valid', pool: 'same' } } }],
  ];
  const others: typeof wrong = [
    ['raw shortcuts', 'jfzhang95-deeplab-xception-97x129-os16', { encoder: { activatedShortcut: 'none' } }],
    ['a tap before its ReLU', 'smp-deeplabv3plus-tu-xception65-96x128-os16', { encoder: { taps: 'before' } }],
    [
      'a dilated exit flow',
      'bubbliiiing-deeplab-xception-97x129-os16',
      { encoder: { dilates: { exit: true } } },
    ],
    [
      'the low-level channels last',
      'vainf-deeplabv3plus_resnet50-97x129-os16',
      { decoder: { lowLevelFirst: false } },
    ],
  ];
  test.each([...wrong, ...others])('%s', async (_what, name, options) => {
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
