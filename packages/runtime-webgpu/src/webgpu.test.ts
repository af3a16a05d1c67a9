import { conformance, randomGraph } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import type { Tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
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
  ])('random graph %d equals the reference, %s', async (seed, _with, each) => {
    const model = filledModel(randomGraph(seed));
    const session = await each.load(model);
    const channels = model.graph.inputs.image.shape[3]!;
    for (const size of [
      [1, 1, 1],
      [2, 7, 5],
      [1, 13, 18],
    ]) {
      const feeds = { image: goldenImage([...size, channels]) };
      const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
      for (const name of ['last', 'inner', 'logits']) {
        expect(relativeError(actual[name], expected[name]), `${name} at ${size}`).toBeLessThan(1e-5);
      }
      expect(actual.labels.shape).toEqual(expected.labels.shape);
      expect(labelsAgree(actual.labels, expected.labels, expected.last)).toBe(true);
    }
    await session.dispose();
  });
});

/** Labels may differ only where two channels are as good as equal. */
function labelsAgree(actual: Tensor, expected: Tensor, values: Tensor): boolean {
  const channels = values.shape[3];
  return actual.data.every((label: number, i: number) => {
    const gap = Math.abs(values.data[i * channels + label] - values.data[i * channels + expected.data[i]]);
    return gap < 1e-4;
  });
}
