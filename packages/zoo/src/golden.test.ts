import {
  type Golden,
  type GoldenName,
  goldenError,
  goldenImage,
  goldenNames,
  goldenWeights,
  loadGolden,
  type Stats,
} from '@atrous/golden';
import { evaluate, withLabels } from '@atrous/graph';
import { floatsOf, type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { type ArchitectureOptions, modelFromWeights } from './node.ts';

/** Where an original's endpoint stands in our network, and whether the original gives it after its ReLU. */
interface Tap {
  readonly ours: string;
  readonly relu?: boolean;
}

const strided = ['entry_flow/block1', 'entry_flow/block2', 'entry_flow/block3', 'exit_flow/block1'];

/** timm's feature taps (`features_only`), finest first. */
const timmTaps: Record<string, Tap[]> = {
  xception: [
    { ours: 'entry_flow/conv2', relu: true },
    { ours: 'entry_flow/block1', relu: true },
    { ours: 'entry_flow/block2', relu: true },
    { ours: 'middle_flow/block8', relu: true },
    { ours: 'features' },
  ],
  xception41: [...strided.map((block) => ({ ours: `${block}/conv2`, relu: true })), { ours: 'features' }],
  xception41p: [...strided.map((block) => ({ ours: `${block}/conv2` })), { ours: 'exit_flow/block2' }],
};
timmTaps.xception65 = timmTaps.xception41;

const kerasTaps: Record<string, Tap> = {
  lowLevelBeforeRelu: { ours: 'entry_flow/block2/conv2' },
  featuresBeforeRelu: { ours: 'exit_flow/block2/conv3' },
  asppBeforeRelu: { ours: 'aspp/projection/batch_norm' },
  decoderBeforeRelu: { ours: 'decoder/conv2/pointwise/batch_norm' },
  logits: { ours: 'logits' },
  resizedLogits: { ours: 'labels/resize' },
};

/** Every number that a golden file holds, with its place in our network. */
function expectations(golden: Golden): { tap: Tap; stats: Stats }[] {
  if (golden.resizedLogits) {
    const named: Record<string, Stats> = {
      ...(golden.endpoints as Record<string, Stats>),
      resizedLogits: golden.resizedLogits,
    };
    return Object.entries(named).map(([name, stats]) => ({ tap: kerasTaps[name], stats }));
  }
  const taps = Object.values(golden.endpoints).map((stats: Stats, i) => ({
    tap: timmTaps[golden.model][i],
    stats,
  }));
  return [
    ...taps,
    { tap: { ours: 'features' }, stats: golden.features! },
    { tap: { ours: 'logits' }, stats: golden.logits! },
  ];
}

const relu = (value: Tensor): Tensor =>
  tensor(
    'float32',
    value.shape,
    floatsOf(value).map((x) => Math.max(x, 0)),
  );

function modelOf(golden: Golden, options: ArchitectureOptions = {}, weights = goldenWeights(golden)) {
  return modelFromWeights(weights, {
    network: golden.model,
    options: { outputStride: golden.outputStride, ...options },
  });
}

describe('the reference evaluator agrees with the original implementations', () => {
  test.each(goldenNames)('%s', async (name) => {
    const golden = await loadGolden(name);
    const model = modelOf(golden);
    const isSegmenter = golden.resizedLogits !== undefined;
    const graph = isSegmenter ? withLabels(model.graph, 'align-corners') : model.graph;
    const expected = expectations(golden);
    const outputs = [
      ...new Set(expected.map(({ tap }) => (tap.ours === 'logits' && isSegmenter ? 'classifier' : tap.ours))),
    ];
    const values = await evaluate(
      { graph, weights: model.weights },
      { image: goldenImage(golden.input.size) },
      { outputs },
    );
    values.logits ??= values.classifier;
    for (const { tap, stats } of expected) {
      const value = tap.relu ? relu(values[tap.ours]) : values[tap.ours];
      expect(goldenError(value, stats), tap.ours).toBeLessThan(1e-5);
    }
  });
});

describe('the goldens can fail', () => {
  async function logitsError(name: GoldenName, options: ArchitectureOptions): Promise<number> {
    const golden = await loadGolden(name);
    const { logits } = await evaluate(modelOf(golden, options), { image: goldenImage(golden.input.size) });
    return goldenError(logits, expectations(golden).find(({ tap }) => tap.ours === 'logits')!.stats);
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
    const golden = await loadGolden('timm-xception41-129-os16');
    const right = goldenWeights(golden);
    // Height and width of every depthwise kernel trade places.
    const swapped = {
      ...right,
      read: async (name: string) => {
        const weight = await right.read(name);
        if (!name.endsWith('conv_dw.weight')) return weight;
        const data = floatsOf(weight);
        const turned = data.map((_, i) => data[i - (i % 9) + (i % 3) * 3 + Math.floor((i % 9) / 3)]);
        return tensor('float32', weight.shape, turned);
      },
    };
    const { logits } = await evaluate(modelOf(golden, {}, swapped), {
      image: goldenImage(golden.input.size),
    });
    expect(goldenError(logits, golden.logits!)).toBeGreaterThan(1e-4);
  });
});
