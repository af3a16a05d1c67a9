import { filledModel, goldenImage } from '@atrous/golden';
import { buildGraph, conv2d, imageInput, type Model, type WeightSource } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { createWorker } from './create_worker_node.ts';
import { wasm } from './node.ts';

/** One convolution, whose time and weights are as large as its window. */
const convolution = (kernel: number, channels: number): Model =>
  filledModel(
    buildGraph(imageInput(), (root, { image }) => ({ y: conv2d(root, image, { kernel, channels }) })),
  );

/** The engine, and how many workers it has started and ended. */
function countedWasm(threads: number) {
  const count = { started: 0, ended: 0, aborts: 0 };
  const runtime = wasm({
    threads,
    createWorker() {
      const worker = createWorker();
      count.started++;
      return {
        ...worker,
        post(message, transfer) {
          if (message.kind === 'abort') count.aborts++;
          worker.post(message, transfer);
        },
        terminate() {
          count.ended++;
          worker.terminate();
        },
      };
    },
  });
  return { runtime, count };
}

describe.each([1, 2])('an abort on %d thread(s)', (threads) => {
  test('is seen between two bands of one step, and the same workers go on', async () => {
    const { runtime, count } = countedWasm(threads);
    const session = await runtime.load(convolution(31, 256));
    const small = { image: goldenImage([1, 6, 6, 3]) };
    const expected = await session.run(small);
    const stop = new AbortController();
    // 173 billion multiply-adds in one step: 3 s at least
    const running = session.run({ image: tensor('float32', [1, 300, 300, 3]) }, { signal: stop.signal });
    running.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(await session.run(small)).toEqual(expected); // after the real end
    expect(performance.now() - began).toBeLessThan(1500);
    expect(count).toEqual({ started: threads, ended: 0, aborts: threads === 1 ? 1 : 0 });
    await session.dispose();
  });

  test.each([0, 50])('by dispose after %d ms ends a run as disposed', async (delay) => {
    const { runtime, count } = countedWasm(threads);
    const session = await runtime.load(convolution(21, 256));
    const running = session.run({ image: tensor('float32', [1, 300, 300, 3]) });
    running.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, delay));
    await session.dispose();
    await expect(running).rejects.toMatchObject({ code: 'disposed' });
    expect(count).toMatchObject({ started: threads, ended: threads });
  });
});

/** The same tensors at every read, so that a load costs no time for them. */
function remembered({ graph, weights }: Model): Model {
  const known = new Map<string, ReturnType<WeightSource['read']>>();
  const read = (name: string) => {
    const found = known.get(name) ?? weights.read(name);
    known.set(name, found);
    return found;
  };
  return { graph, weights: { names: weights.names, spec: (name) => weights.spec(name), read } };
}

/** Runs `work` some times, and gives by how many bytes the process has grown from the middle to the end. */
async function growth(times: number, work: (i: number) => Promise<void>): Promise<number> {
  let before = 0;
  for (let i = 0; i < times; i++) {
    if (i === times >> 1) before = process.memoryUsage().rss;
    await work(i);
  }
  return process.memoryUsage().rss - before;
}

const megabytes = 2 ** 20;

test('loads leave no worker and no memory behind', async () => {
  const { runtime, count } = countedWasm(1);
  const model = remembered(convolution(31, 512)); // 16 MB in the engine
  const grown = await growth(12, async () => (await runtime.load(model)).dispose());
  expect(count).toMatchObject({ started: 12, ended: 12 });
  expect(grown).toBeLessThan(60 * megabytes); // six that stay are more than 96
});

test('runs of many sizes leave no memory behind', async () => {
  const session = await wasm({ threads: 2 }).load(convolution(1, 64));
  const grown = await growth(500, async (i) => {
    await session.run({ image: tensor('float32', [1, 50 + (i % 20), 160, 3]) });
  });
  expect(grown).toBeLessThan(150 * megabytes); // outputs have 2 to 3 MB: 250 that stay are 600
  await session.dispose();
});
