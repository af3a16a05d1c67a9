import { conformance, expectRandomGraph } from '@atrous/conformance';
import { describe, test } from 'vitest';
import { webgpuRuntime } from './runtime_node.ts';
import { openDevice, withoutDawn } from './test_device.ts';

const reason = await withoutDawn();
const runtime = webgpuRuntime({ allowSoftware: true });

describe.skipIf(reason)(reason ?? 'on Dawn', () => {
  conformance(runtime);
  for (const compute of ['float16', 'int8'] as const)
    conformance(runtime, { name: `webgpu in ${compute}`, compute, sizes: [[2, 13, 18]] });

  const seeds = Array.from({ length: 24 }, (_, seed) => seed);
  const plain = webgpuRuntime({ device: () => openDevice([]) });
  // As on most GPUs, whose subgroups are wider than this adapter's: workgroups are shaped for them.
  const wide = webgpuRuntime({
    device: async () => {
      const device = await openDevice();
      return Object.defineProperty(device, 'adapterInfo', { value: { subgroupMaxSize: 32 } });
    },
  });
  test.each([
    ...seeds.map((seed) => [seed, 'with subgroups', runtime] as const),
    ...seeds.slice(0, 6).map((seed) => [seed, 'with wide ones', wide] as const),
    ...seeds.slice(0, 6).map((seed) => [seed, 'without', plain] as const),
  ])('random graph %d equals the reference, %s', (seed, _with, each) => expectRandomGraph(each, seed));
  test.each(seeds.slice(6, 12))('random graph %d in float16 equals the reference', (seed) =>
    expectRandomGraph(runtime, seed, 'float16'),
  );
});
