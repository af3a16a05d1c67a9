import { conformance, geometries } from '@atrous/conformance';
import { goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { onnxNative } from './native.ts';
import { onnxWasm } from './wasm_node.ts';
import { onnxWebGpu } from './webgpu.ts';

const runtimes = [onnxNative(), onnxWasm({ threads: 1 })];
for (const runtime of runtimes) conformance(runtime);
const inWorkers = onnxNative({ workers: 2, threads: 1 });

const feeds = { image: goldenImage([1, 8, 11, 3]) };

describe.each(runtimes)('$name', (runtime) => {
  test('is here', async () => {
    expect(await runtime.available()).toBe(true);
  });

  const model = geometries.get('separable convolution')!;

  test('other outputs can be asked for, and unknown ones list what there is', async () => {
    const outputs = ['layer/depthwise/batch_norm'];
    const session = await runtime.load(model, { outputs });
    const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds, { outputs })];
    expect(Object.keys(actual)).toEqual(outputs);
    expect(relativeError(actual[outputs[0]], expected[outputs[0]])).toBeLessThan(1e-5);
    await session.dispose();
    await expect(runtime.load(model, { outputs: ['z'] })).rejects.toThrow(
      'unknown output "z": expected one of y',
    );
  });

  test('loads and runs that overlap come one after the other', async () => {
    const sessions = await Promise.all([runtime.load(model), runtime.load(model)]);
    const runs = await Promise.all([0, 1, 0, 1].map((i) => sessions[i].run(feeds)));
    for (const { y } of runs) expect(relativeError(y, runs[0].y)).toBe(0);
    await Promise.all(sessions.map((session) => session.dispose()));
  });

  test("what a run gave is the caller's: the next run leaves it alone", async () => {
    const session = await runtime.load(model);
    const { y } = await session.run(feeds);
    const kept = y.data.slice();
    await session.run({ image: tensor('float32', [1, 8, 11, 3]) });
    expect(y.data).toEqual(kept);
    await session.dispose();
  });

  test('feeds that do not fit are errors', async () => {
    const session = await runtime.load(model);
    await expect(session.run({})).rejects.toThrow('feed "image" is missing');
    await expect(session.run({ image: tensor('float32', [1, 8, 11, 4]) })).rejects.toThrow(
      'expected float32[?,?,?,3]',
    );
    await expect(session.run({ image: tensor('float32', [1, 0, 11, 3]) })).rejects.toThrow('is empty');
    await session.dispose();
  });

  test('stops waiting when it is told to, and works on', async () => {
    const session = await runtime.load(model);
    const stop = new AbortController();
    const running = session.run(feeds, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(runtime.load(model, { signal: stop.signal })).rejects.toThrow('enough');
    expect((await session.run(feeds)).y.shape).toEqual([1, 8, 11, 12]);
    await session.dispose();
  });

  test('a run that waits its turn is given up at once, and what is before it ends as it should', async () => {
    const session = await runtime.load(model);
    const stop = new AbortController();
    let isFirstDone = false;
    const first = session.run({ image: goldenImage([1, 400, 400, 3]) }).finally(() => {
      isFirstDone = true;
    });
    const second = session.run(feeds, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    expect(isFirstDone).toBe(false);
    expect((await first).y.shape).toEqual([1, 400, 400, 12]);
    await session.dispose();
  });

  test('a disposed session says so; disposing twice is no harm', async () => {
    const session = await runtime.load(model);
    await session.dispose();
    await session.dispose();
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'disposed' });
  });
});

test.each([0, 1.5, -1, Number.NaN, 1e9, '2'])('threads: %s is an error', (threads) => {
  for (const runtime of [onnxNative, onnxWasm, onnxWebGpu]) {
    expect(() => runtime({ threads: threads as number })).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringContaining('threads: expected') }),
    );
  }
});

describe('onnxruntime-node in worker threads', () => {
  const model = geometries.get('separable convolution')!;

  test('gives what it gives on this thread, run by run, several at once', async () => {
    const [session, here] = await Promise.all([inWorkers.load(model), runtimes[0].load(model)]);
    const images = [8, 30, 11, 64, 9].map((width) => ({ image: goldenImage([1, 8, width, 3]) }));
    const found = await Promise.all(images.map((feeds) => session.run(feeds)));
    for (const [i, feeds] of images.entries())
      expect(relativeError(found[i].y, (await here.run(feeds)).y)).toBe(0);
    await Promise.all([session.dispose(), here.dispose()]);
  });

  test('leaves this thread free; an abort frees the caller, and the end waits for what runs', async () => {
    const session = await inWorkers.load(model);
    let turns = 0;
    let isOver = false;
    const large = session.run({ image: goldenImage([1, 900, 900, 3]) }).finally(() => {
      isOver = true;
    });
    while (!isOver && turns < 3) {
      await new Promise((resolve) => setTimeout(resolve));
      turns++;
    }
    expect(turns).toBe(3);
    const stop = new AbortController();
    const left = session.run({ image: goldenImage([1, 900, 900, 3]) }, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    await session.dispose();
    expect((await large).y.shape).toEqual([1, 900, 900, 12]);
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'disposed' });
  });

  test('what onnxruntime refuses is an error of ours', async () => {
    const broken = {
      graph: model.graph,
      weights: {
        ...model.weights,
        read: async () => {
          throw new Error('unreadable');
        },
      },
    };
    await expect(inWorkers.load(broken)).rejects.toThrow('unreadable');
  });

  test.each([-1, 1.5, 65, '2'])('workers: %s is an error', (workers) => {
    expect(() => onnxNative({ workers: workers as number })).toThrow(
      expect.objectContaining({
        code: 'input',
        message: expect.stringMatching(/^workers: expected a whole/),
      }),
    );
  });
});
