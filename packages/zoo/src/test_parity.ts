import { type Golden, goldenError, goldenImage, goldenWeights, type Stats } from '@atrous/golden';
import { type Model, type Runtime, type WeightSource, withLabels } from '@atrous/graph';
import { floatsOf, type Tensor, tensor } from '@atrous/tensor';
import type { ArchitectureOptions } from './architecture.ts';
import { modelFromWeights } from './load.ts';

/** Where an original's endpoint stands in our network, and whether the original gives it after its ReLU. */
export interface Tap {
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
  logits: { ours: 'classifier' },
  resizedLogits: { ours: 'labels/resize' },
};

/** Every number that a golden file holds, with its place in our network. */
export function expectations(golden: Golden): { tap: Tap; stats: Stats }[] {
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

/** The original's network with its weights, as we build it. */
export function goldenModel(
  golden: Golden,
  options: ArchitectureOptions = {},
  weights: WeightSource = goldenWeights(golden),
): Model {
  return modelFromWeights(weights, {
    network: golden.model,
    options: { outputStride: golden.outputStride, ...options },
  });
}

/** The largest relative error of all that a golden file holds, on a runtime. */
export async function parityError(golden: Golden, runtime: Runtime): Promise<number> {
  const { graph, weights } = goldenModel(golden);
  const expected = expectations(golden);
  const session = await runtime.load(
    // full-size logits are a value on the way to labels
    { graph: golden.resizedLogits ? withLabels(graph, 'align-corners') : graph, weights },
    { outputs: [...new Set(expected.map(({ tap }) => tap.ours))] },
  );
  const values = await session.run({ image: goldenImage(golden.input.size) });
  await session.dispose();
  const errors = expected.map(({ tap, stats }) =>
    goldenError(tap.relu ? relu(values[tap.ours]) : values[tap.ours], stats),
  );
  return Math.max(...errors);
}
