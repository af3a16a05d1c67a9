import { goldenImage, int8Tolerance, loadGolden } from '@atrous/golden';
import { wasm } from '@atrous/runtime-wasm';
import { expect, test } from 'vitest';
import { holdGolden } from './test_parity.ts';

/** An Xception, and each head on small encoders: weights of large ones take longer to fill than to test. */
const names = [
  'timm-xception41-129-os16',
  'torchvision-deeplabv3_mobilenet_v3_large-65x97',
  'vainf-deeplabv3plus_mobilenet-97x129-os16',
] as const;

/** The originals' numbers are float32's: 8 bits stay within the bound of `int8Tolerance`, at each endpoint that a file has. */
test.each(names)('%s in 8 bits is within the bound of the original', async (name) => {
  const golden = await loadGolden(name);
  const { model, outputs, rmsErrorOf } = await holdGolden(golden);
  const session = await wasm({ compute: 'int8', threads: 1 }).load(model, { outputs });
  const values = await session.run({ image: goldenImage(golden.input.size) });
  await session.dispose();
  const error = rmsErrorOf(values);
  expect(error).toBeLessThan(int8Tolerance(model.graph));
  expect(error).toBeGreaterThan(1e-3); // in 8 bits indeed
});
