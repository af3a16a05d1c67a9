import { conformance, expectRandomGraph } from '@atrous/conformance';
import { describe, test } from 'vitest';
import { webgpuRuntime } from './runtime_node.ts';
import { openDevice, withoutDawn } from './test_device.ts';

const reason = await withoutDawn();
const runtime = webgpuRuntime({ allowSoftware: true });

describe.skipIf(reason)(reason ?? 'on Dawn', () => {
  conformance(runtime);

  const seeds = Array.from({ length: 24 }, (_, seed) => seed);
  const plain = webgpuRuntime({ device: () => openDevice([]) });
  test.each([
    ...seeds.map((seed) => [seed, 'with subgroups', runtime] as const),
    ...seeds.slice(0, 6).map((seed) => [seed, 'without', plain] as const),
  ])('random graph %d equals the reference, %s', (seed, _with, each) => expectRandomGraph(each, seed));
});
