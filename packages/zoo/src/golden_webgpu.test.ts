import { loadGolden } from '@atrous/golden';
import { webgpuRuntime } from '@atrous/runtime-webgpu/runtime';
import { describe, expect, test } from 'vitest';
import { withoutDawn } from '../../runtime-webgpu/src/test_device.ts';
import { parityError } from './test_parity.ts';

const reason = await withoutDawn();

// The software adapter takes seconds for each: the others by scripts/parity.ts --runtimes webgpu.
describe.skipIf(reason)(reason ?? 'on Dawn', () => {
  test('a whole DeepLabV3+ on Xception-65 gives the numbers of its original', async () => {
    const golden = await loadGolden('smp-deeplabv3plus-tu-xception65-96x128-os16');
    expect(await parityError(golden, webgpuRuntime({ allowSoftware: true }))).toBeLessThan(1e-5);
  });
});
