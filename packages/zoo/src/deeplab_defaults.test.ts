import { deeplabV3Plus } from '@atrous/deeplab';
import { goldenError, goldenImage, goldenWeights, loadGolden, type Stats } from '@atrous/golden';
import { wasm } from '@atrous/runtime-wasm';
import { xception } from '@atrous/xception';
import { expect, test } from 'vitest';
import { modelFromWeights } from './load.ts';

/** Where the original's endpoints stand in our network. */
const taps = {
  asppBeforeRelu: 'aspp/projection/batch_norm',
  decoderBeforeRelu: 'decoder/conv2/pointwise/batch_norm',
  logits: 'logits',
};

test("DeepLab's own defaults are those of TensorFlow's DeepLab", async () => {
  const golden = await loadGolden('keras-deeplabv3plus-xception65-65x321-os16');
  // of the head, nothing is said: rates, widths, concat order, resize, epsilon, and no ReLU on the low-level tap
  const graph = deeplabV3Plus(xception('xception65', { padding: { stem: 'same' } }), { classes: 21 });
  const { weights } = await modelFromWeights(goldenWeights(golden));
  const session = await wasm().load({ graph, weights }, { outputs: Object.values(taps) });
  const values = await session.run({ image: goldenImage(golden.input.size) });
  await session.dispose();
  const expected = golden.endpoints as Readonly<Record<string, Stats>>;
  for (const [original, ours] of Object.entries(taps)) {
    expect(goldenError(values[ours], expected[original])).toBeLessThan(1e-5);
  }
});
