import { filledModel, goldenImage } from '@atrous/golden';
import { buildGraph, conv2d, imageInput } from '@atrous/graph';
import { AtrousError, type Session } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { fasterBefore, fasterOf } from './faster.ts';

const { graph } = filledModel(
  buildGraph(imageInput(), (root, { image }) => ({
    logits: conv2d(root.child('last'), image, { channels: 2 }),
  })),
);
const image = goldenImage([1, 8, 8, 3]);

/** A session that takes its time, and tells what was done with it. */
function engine(name: string, milliseconds: number) {
  const done = { runs: 0, disposed: 0 };
  const session: Session = {
    inputs: {},
    outputs: {},
    async run(_feeds, { signal } = {}) {
      done.runs++;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      signal?.throwIfAborted();
      return {};
    },
    async dispose() {
      done.disposed++;
    },
  };
  return { done, chosen: { name, reason: 'the first available choice', value: { session, graph } } };
}

test.each([
  [1, 40, 'webgpu'],
  [40, 1, 'wasm'],
])('a GPU of %d ms beside a CPU of %d ms: %s', async (slow, fast, expected) => {
  const [gpu, cpu] = [engine('webgpu', slow), engine('wasm', fast)];
  const taken = await fasterOf(gpu.chosen, async () => cpu.chosen, image, expected);
  expect(taken.name).toBe(expected);
  expect(taken.reason).toMatch(/^\d+\.\d ms here, where \w+ takes \d+\.\d ms$/);
  expect([gpu.done.disposed, cpu.done.disposed]).toEqual(expected === 'webgpu' ? [0, 1] : [1, 0]);
  expect(fasterBefore(expected)).toBe(expected);
});

test('a large network stays on the GPU, and one whose CPU engine does not start', async () => {
  const gpu = engine('webgpu', 1);
  const bring = async () => {
    throw new AtrousError('unavailable', 'no WASM here');
  };
  const large = { ...image, shape: [1, 40_000, 40_000, 3] };
  expect(await fasterOf(gpu.chosen, bring, large, 'large')).toBe(gpu.chosen);
  expect(await fasterOf(gpu.chosen, bring, image, 'alone')).toBe(gpu.chosen);
  expect(gpu.done).toEqual({ runs: 0, disposed: 0 });
  expect(fasterBefore('alone')).toBeUndefined();
});

test('an abort frees both', async () => {
  const [gpu, cpu] = [engine('webgpu', 20), engine('wasm', 20)];
  const stop = new AbortController();
  const choosing = fasterOf(gpu.chosen, async () => cpu.chosen, image, 'stopped', stop.signal);
  setTimeout(() => stop.abort(new Error('enough')), 5);
  await expect(choosing).rejects.toThrow('enough');
  expect([gpu.done.disposed, cpu.done.disposed]).toEqual([1, 1]);
});
