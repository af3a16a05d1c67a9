import { loadGolden } from '@atrous/golden';
import { webgpuRuntime } from '@atrous/runtime-webgpu/runtime';
import { expect, test } from 'vitest';
import { parityError } from './test_parity.ts';

test('a whole DeepLabV3+ on WebGPU gives the numbers of its original', async () => {
  const golden = await loadGolden('vainf-deeplabv3plus_mobilenet-97x129-os16');
  expect(await parityError(golden, webgpuRuntime({ allowSoftware: true }))).toBeLessThan(1e-5);
});
