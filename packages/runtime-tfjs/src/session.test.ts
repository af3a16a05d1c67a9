import { geometries } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { buildGraph, conv2d, evaluate, imageInput, type Model } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { tfjsCpu } from './cpu.ts';
import { createRuntime } from './runtime.ts';
import { tfjsWasm } from './wasm_node.ts';
import { tfjsWebGl } from './webgl.ts';

const model: Model = geometries.get('separable convolution')!;
const feeds = { image: goldenImage([1, 8, 11, 3]) };

/** Slow enough to be stopped on the way. */
const heavy: Model = filledModel(
  buildGraph(imageInput(), (root, { image }) => {
    let x = image;
    for (let i = 0; i < 20; i++) x = conv2d(root.child(`conv${i}`), x, { channels: 64, kernel: 3 });
    return { y: x };
  }),
);

describe.each([tfjsCpu(), tfjsWasm()])('$name', (runtime) => {
  test('is here', async () => {
    expect(await runtime.available()).toBe(true);
  });

  test('two hundred runs at ten sizes leave no tensor behind', async () => {
    const { tf } = await runtime.tf();
    const empty = tf.memory().numTensors;
    const session = await runtime.load(model);
    const loaded = tf.memory().numTensors;
    for (let i = 0; i < 200; i++) await session.run({ image: goldenImage([1, 2 + (i % 10), 5, 3]) });
    expect(tf.memory().numTensors).toBe(loaded);
    await session.dispose();
    expect(tf.memory().numTensors).toBe(empty);
  });

  test('an abort frees what was computed, and the session runs again', async () => {
    const { tf } = await runtime.tf();
    const session = await runtime.load(heavy);
    const before = tf.memory().numTensors;
    const stop = new AbortController();
    const running = session.run({ image: goldenImage([1, 48, 48, 3]) }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 5);
    await expect(running).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
    expect((await session.run(feeds)).y.shape).toEqual([1, 8, 11, 64]);
    await expect(session.run(feeds, { signal: stop.signal })).rejects.toThrow('enough');
    await expect(runtime.load(model, { signal: stop.signal })).rejects.toThrow('enough');
    await session.dispose();
  });

  test("what a run gave is the caller's, and feeds that do not fit are errors", async () => {
    const session = await runtime.load(model);
    const { y } = await session.run(feeds);
    const kept = y.data.slice();
    await session.run({ image: tensor('float32', [1, 8, 11, 3]) });
    expect(y.data).toEqual(kept);
    await expect(session.run({})).rejects.toThrow('feed "image" is missing');
    await expect(session.run({ image: tensor('float32', [1, 8, 11, 4]) })).rejects.toThrow(
      'expected float32[?,?,?,3]',
    );
    await session.dispose();
    await session.dispose();
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'disposed' });
  });

  test('loads and runs that overlap come one after the other', async () => {
    const sessions = await Promise.all([runtime.load(model), runtime.load(model)]);
    const runs = await Promise.all([0, 1, 0, 1].map((i) => sessions[i].run(feeds)));
    for (const { y } of runs) expect(relativeError(y, runs[0].y)).toBe(0);
    await Promise.all(sessions.map((session) => session.dispose()));
  });
});

test('two backends side by side, each its own, and the app keeps the one it had', async () => {
  const [cpu, wasm] = [await tfjsCpu().load(model), await tfjsWasm().load(model)];
  await tf.setBackend('cpu');
  const expected = await evaluate(model, feeds);
  for (const session of [wasm, cpu, wasm]) {
    expect(relativeError((await session.run(feeds)).y, expected.y)).toBeLessThan(1e-5);
    expect(tf.getBackend()).toBe('cpu');
  }
  await Promise.all([cpu.dispose(), wasm.dispose()]);
});

describe('with the tensors of an app', () => {
  test('they go in and come out without leaving the backend', async () => {
    const runtime = createRuntime({ tf, backend: 'cpu' });
    expect(runtime.name).toBe('tfjs:cpu');
    const session = await runtime.load(model);
    await tf.setBackend('cpu');
    const image = tf.tensor(feeds.image.data as Float32Array, [1, 8, 11, 3]);
    const before = tf.memory().numTensors;
    const { y } = await session.runTensors({ image });
    expect(tf.memory().numTensors).toBe(before + 1);
    const values = tensor('float32', y.shape, (await y.data()) as Float32Array);
    expect(relativeError(values, (await evaluate(model, feeds)).y)).toBeLessThan(1e-5);
    y.dispose();
    expect(image.isDisposed).toBe(false);
    image.dispose();
    await expect(session.runTensors({})).rejects.toThrow('feed "image" is missing');
    await session.dispose();
  });
});

test('a backend that is not here says so', async () => {
  expect(await tfjsWebGl().available()).toMatchObject({ reason: expect.stringContaining('webgl') });
  await expect(tfjsWebGl().load(model)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(createRuntime({ tf, backend: 'abacus' }).load(model)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('abacus'),
  });
});
