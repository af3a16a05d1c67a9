import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { type Compute, evaluate, type Runtime } from '@atrous/graph';
import type { Tensor } from '@atrous/tensor';
import { expect } from 'vitest';
import { randomGraph } from './random_graph.ts';

/** Batch, height and width: the least, an odd one of two pictures, and one that is wider than high. */
const sizes = [
  [1, 1, 1],
  [2, 7, 5],
  [1, 13, 18],
] as const;

/** Expects of a runtime what the reference makes of a random network, at several sizes in one session. */
export async function expectRandomGraph(
  runtime: Runtime,
  seed: number,
  compute: Compute = 'float32',
): Promise<void> {
  const model = filledModel(randomGraph(seed));
  const session = await runtime.load(model, { compute });
  const channels = model.graph.inputs.image.shape[3]!;
  for (const size of sizes) {
    const feeds = { image: goldenImage([...size, channels]) };
    const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds, { compute })];
    for (const name of ['last', 'inner', 'logits']) {
      expect(relativeError(actual[name], expected[name]), `${name} at ${size}`).toBeLessThan(1e-5);
    }
    expect(actual.labels.shape).toEqual(expected.labels.shape);
    expect(labelsAgree(actual.labels, expected.labels, expected.last)).toBe(true);
  }
  await session.dispose();
}

/** Labels may differ only where two channels are as good as equal. */
function labelsAgree(actual: Tensor, expected: Tensor, values: Tensor): boolean {
  const channels = values.shape[3];
  return actual.data.every((label: number, i: number) => {
    const gap = Math.abs(values.data[i * channels + label] - values.data[i * channels + expected.data[i]]);
    return gap < 1e-4;
  });
}
