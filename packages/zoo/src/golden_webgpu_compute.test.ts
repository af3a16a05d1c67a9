import { float16Tolerance, goldenImage, int8Tolerance, loadGolden } from '@atrous/golden';
import { webgpuRuntime } from '@atrous/runtime-webgpu/runtime';
import { describe, expect, test } from 'vitest';
import { withoutDawn } from '../../runtime-webgpu/src/test_device.ts';
import { holdGolden } from './test_parity.ts';

const reason = await withoutDawn();

/** The originals' numbers are float32's: fewer bits stay within the bounds that follow from their roundings, at each endpoint that a file has. */
describe.skipIf(reason)(reason ?? 'on Dawn', () => {
  test.each([
    ['float16', 'vainf-deeplabv3plus_mobilenet-97x129-os16', float16Tolerance, 1e-5],
    ['int8', 'vainf-deeplabv3plus_mobilenet-97x129-os16', int8Tolerance, 1e-3],
  ] as const)('in %s, %s is within the bound of the original', async (compute, name, boundOf, least) => {
    const golden = await loadGolden(name);
    const { model, outputs, rmsErrorOf } = await holdGolden(golden);
    const session = await webgpuRuntime({ allowSoftware: true }).load(model, { outputs, compute });
    const error = rmsErrorOf(await session.run({ image: goldenImage(golden.input.size) }));
    await session.dispose();
    expect(error).toBeLessThan(boundOf(model.graph));
    expect(error).toBeGreaterThan(least); // in so few bits indeed
  });
});
