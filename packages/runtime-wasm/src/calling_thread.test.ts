import { filledModel, goldenImage } from '@atrous/golden';
import { buildGraph, conv2d, imageInput } from '@atrous/graph';
import { nextTurn } from '@atrous/tensor/turns';
import { expect, test } from 'vitest';
import { execute } from './execute.ts';
import type { Kernels } from './kernels.ts';
import { wasm } from './node.ts';
import type { StepOf } from './plan/step.ts';

/** Products of several sizes, one of them of a single pixel. */
const model = filledModel(
  buildGraph(imageInput(), (root, { image }) => {
    const patches = conv2d(root.child('a'), image, { kernel: 3, channels: 64, stride: 2 });
    return { y: conv2d(root.child('b'), patches, { kernel: 1, channels: 512 }) };
  }),
);
const feeds = { image: goldenImage([1, 65, 49, 3]) };
const noWorker = () => {
  throw new Error('https://elsewhere.example/worker.js: refused');
};

test('where no worker starts, the thread that called computes the same, and says why', async () => {
  const [usual, here] = await Promise.all([
    wasm({ threads: 1 }).load(model),
    wasm({ threads: 4, createWorker: noWorker }).load(model),
  ]);
  try {
    expect([usual.withoutWorkers, here.withoutWorkers]).toEqual([
      undefined,
      'https://elsewhere.example/worker.js: refused',
    ]);
    expect(here.threads).toBe(1);
    expect(await here.run(feeds)).toEqual(await usual.run(feeds));
    const { y } = await usual.run(feeds);
    const size = { height: 130, width: 98, resize: 'half-pixel', confidence: true } as const;
    expect(await here.labelMap(y, size)).toEqual(await usual.labelMap(y, size));
  } finally {
    await Promise.all([usual.dispose(), here.dispose()]);
  }
});

test('a worker that ends before it has started is none', async () => {
  const broken = () => {
    let fail: (error: Error) => void = () => {};
    return {
      post: () => fail(new Error('https://elsewhere.example/worker.js: 404')),
      listen: (_: unknown, onError: (error: Error) => void) => {
        fail = onError;
      },
      keepAlive: () => {},
      terminate: () => {},
    };
  };
  const session = await wasm({ threads: 1, createWorker: broken }).load(model);
  expect(session.withoutWorkers).toBe('https://elsewhere.example/worker.js: 404');
  expect((await session.run(feeds)).y.shape).toEqual([1, 33, 25, 512]);
  await session.dispose();
});

test('an abort is heard between slices, and others have their turn', async () => {
  const large = filledModel(
    buildGraph(imageInput(), (root, { image }) => ({
      y: conv2d(root, image, { kernel: 15, channels: 256 }),
    })),
  );
  const session = await wasm({ createWorker: noWorker }).load(large);
  const stop = new AbortController();
  const running = session.run({ image: goldenImage([1, 200, 200, 3]) }, { signal: stop.signal });
  running.catch(() => {});
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  stop.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  await session.dispose();
});

test('a piece of a product has no more work than a slice', () => {
  const rows: number[] = [];
  const kernels = {
    matmul: (_input: number, _stride: number, count: number) => rows.push(count),
  } as unknown as Kernels;
  const view = { offset: 0, stride: 64, batch: 1, height: 10, width: 10, channels: 16 };
  const step = {
    kind: 'matmul',
    source: 'direct',
    input: view,
    output: view,
    k: 16,
    panels: 2,
    band: 96,
    weights: 0,
    bias: 0,
    activation: 'none',
  } as unknown as StepOf<'matmul'>;
  const forms = { float32: 'narrow', int8: 'pairs' } as const;
  const part = () => ({ thread: 0, threads: 1, scratch: 0, forms, claimed: new Int32Array(1) });
  for (const _ of execute(kernels, step, part()));
  expect(rows).toEqual([96, 4]);
  rows.length = 0;
  for (const _ of execute(kernels, step, { ...part(), sliceMultiplyAdds: 16 * 16 * 40 }));
  expect(rows).toEqual([36, 36, 28]);
});
