import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '@atrous/checkpoint';
import { fileBytes } from '@atrous/checkpoint/node';
import { aspp, asppRates, decoder } from '@atrous/deeplab';
import { goldenError, goldenFile, goldenImage, type Stats } from '@atrous/golden';
import { buildGraph, conv2d } from '@atrous/graph';
import { wasm } from '@atrous/runtime-wasm';
import { expect, test } from 'vitest';
import { modelFromWeights } from '../load.ts';
import { atrousPytorch } from './pytorch.ts';

interface HeadGolden {
  readonly input: Readonly<Record<'features' | 'low', { readonly size: readonly number[] }>>;
  readonly endpoints: Readonly<Record<'aspp' | 'logits', Stats>>;
}
const golden: HeadGolden = JSON.parse(readFileSync(goldenFile('street-head.json'), 'utf8'));
const weightsFile = fileURLToPath(
  new URL('../../../golden/models/quarter/model.safetensors', import.meta.url),
);

/** The head of a trained model, by the conventions of its source alone. */
function headGraph() {
  const { resize, aspp: pyramid, decoder: refinement } = atrousPytorch.heads[0].options!;
  const shared = { epsilon: 1e-5, resize: resize! };
  const port = (name: 'features' | 'low') => ({
    dtype: 'float32' as const,
    shape: [null, null, null, golden.input[name].size[3]],
  });
  return buildGraph({ features: port('features'), low: port('low') }, (root, { features, low }) => {
    const encoder = {
      features: [{ name: 'low', value: low, stride: 4, activated: false }],
      last: features,
      lowLevel: 'low',
    };
    const all = aspp(root.child('aspp'), features, {
      ...shared,
      rates: asppRates(16),
      convolution: 'separable',
      channels: pyramid!.channels!,
      concat: pyramid!.concat!,
    });
    const refined = decoder(root.child('decoder'), all, encoder, {
      ...shared,
      lowLevelChannels: refinement!.lowLevelChannels!,
      channels: refinement!.channels!,
      convolutions: 2,
      convolution: 'separable',
    });
    const logits = conv2d(root.child('classifier'), refined, { channels: 11, bias: true });
    return { aspp: all, logits };
  });
}

test('the head of a trained model answers what its training code answers in PyTorch', async () => {
  const graph = headGraph();
  const checkpoint = await openCheckpoint(await fileBytes(weightsFile));
  const { weights } = await modelFromWeights(checkpoint, { source: 'atrous-pytorch' });
  const { features, low } = golden.input;
  const session = await wasm().load({ graph, weights });
  const answers = await session.run({ features: goldenImage(features.size), low: goldenImage(low.size) });
  await session.dispose();
  for (const name of ['aspp', 'logits'] as const) {
    expect(goldenError(answers[name], golden.endpoints[name])).toBeLessThan(1e-5);
  }
});
