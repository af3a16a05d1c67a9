import { AtrousError } from '@atrous/tensor';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Segmenter as InPage } from './browser.ts';
import { listRuntimes, modelCacheName, Segmenter } from './in_worker.ts';
import { testPicture } from './test_pixels.ts';

const people = new URL('../../model-people-small/', import.meta.url);
const picture = testPicture(120, 80);
const canvasOf = (width: number, height: number) => {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.fillRect(0, 0, 10, 10);
  return canvas;
};

let inPage: InPage;
let segmenter: Segmenter;
const workers: Worker[] = [];
const createWorker = () => {
  const worker = new Worker(new URL('./test_fragile_worker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  return worker;
};
beforeAll(async () => {
  inPage = await InPage.load(people, { runtime: 'wasm' });
  segmenter = await Segmenter.load(people, { runtime: 'wasm', createWorker });
});
afterAll(async () => {
  await inPage.dispose();
  await segmenter.dispose();
});

test('the same answer as in the page', async () => {
  const options = { confidence: true, logits: true };
  const here = await inPage.segment(picture, options);
  const there = await segmenter.segment(picture, options);
  expect(there.labels).toEqual(here.labels);
  expect(there.confidence).toEqual(here.confidence);
  expect(there.logits).toEqual(here.logits);
  expect([there.classes, there.shares, there.runtime, there.reason]).toEqual([
    here.classes,
    here.shares,
    here.runtime,
    here.reason,
  ]);
  expect(segmenter.config).toEqual(inPage.config);
});

test('a kept model serves where the server has none, and the page is told why', async () => {
  const elsewhere = new URL('/a-model-that-was-here/', location.href);
  const cache = await caches.open(modelCacheName);
  const weights = 'model.int8.safetensors';
  for (const file of ['config.json', weights]) {
    await cache.put(new URL(file, elsewhere), await fetch(`${people.href.replace(/\/$/, '')}/${file}`)); // bundlers take the slash away
  }
  const onWarning = vi.fn();
  const kept = await Segmenter.load(elsewhere, { runtime: 'wasm', onWarning });
  expect((await kept.segment(picture)).labels).toEqual((await inPage.segment(picture)).labels);
  await kept.dispose();
  const [warning] = onWarning.mock.calls.flat();
  expect(warning).toBeInstanceOf(AtrousError);
  expect(warning.message).toContain(elsewhere.href);
});

test('features of the same names', async () => {
  const names = ['logits'];
  expect(await segmenter.features(picture, names)).toEqual(await inPage.features(picture, names));
  for (const wrong of [['nothing'], ['constructor'], [], 'logits', [() => 0]]) {
    await expect(segmenter.features(picture, wrong as never)).rejects.toMatchObject({ code: 'input' });
  }
});

test('the package finds its own worker', async () => {
  const own = await Segmenter.load(people, { runtime: 'wasm' });
  const { labels } = await own.segment(picture);
  expect(labels).toEqual((await inPage.segment(picture)).labels);
  await own.dispose();
});

test('errors keep their code', async () => {
  const notes = new File(['no picture'], 'notes.jpg', { type: 'image/jpeg' });
  await expect(segmenter.segment(notes)).rejects.toMatchObject({
    name: 'AtrousError',
    code: 'input',
    message: 'notes.jpg: this browser cannot decode it',
  });
  await expect(segmenter.segment(undefined as never)).rejects.toMatchObject({ code: 'input' });
});

describe('aborts', () => {
  test('one call of several', async () => {
    const stop = new AbortController();
    const calls = [
      segmenter.segment(picture),
      segmenter.segment(picture, { signal: stop.signal }),
      segmenter.segment(picture),
    ];
    stop.abort(new Error('enough'));
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { message: 'enough' } });
  });

  test('one that runs', async () => {
    const stop = new AbortController();
    const call = segmenter.segment(testPicture(640, 480), { signal: stop.signal });
    setTimeout(() => stop.abort(), 5);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect((await segmenter.segment(picture)).labels.width).toBe(120);
  });

  test('are told to the worker, which ends the call and goes on', async () => {
    const before = workers.length;
    const posted: string[] = [];
    const worker = workers.at(-1)!;
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message: { path?: string[] }, moved?: unknown) => {
      posted.push(String(message.path));
      post(message, moved as Transferable[]);
    };
    const stop = new AbortController();
    const call = segmenter.segment(testPicture(640, 480), { signal: stop.signal });
    call.catch(() => {});
    await vi.waitFor(() => expect(posted).toContain('segment'), { interval: 1 });
    const began = performance.now();
    stop.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - began).toBeLessThan(500); // not for the worker's second
    expect((await segmenter.segment(picture)).labels.width).toBe(120);
    expect(posted).toEqual(['segment', 'abort', 'segment']);
    expect(workers.length).toBe(before);
    worker.postMessage = post;
  });

  test('loading', async () => {
    const stop = new AbortController();
    const load = Segmenter.load(people, { signal: stop.signal });
    stop.abort();
    await expect(load).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a worker that does not listen is replaced', async () => {
    const before = workers.length;
    workers.at(-1)!.postMessage('hang');
    const stop = new AbortController();
    const call = segmenter.segment(picture, { signal: stop.signal });
    setTimeout(() => stop.abort(), 10);
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    const { labels } = await segmenter.segment(picture);
    expect(labels).toEqual((await inPage.segment(picture)).labels);
    expect(workers.length).toBe(before + 1);
  });
});

describe('breaks', () => {
  test('a crash rejects what was under way, and the next call starts another worker', async () => {
    const before = workers.length;
    workers.at(-1)!.postMessage('crash');
    await expect(segmenter.segment(picture)).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('crashed on demand'),
    });
    expect((await segmenter.segment(picture)).labels.width).toBe(120);
    expect(workers.length).toBe(before + 1);
  });

  test('no script', async () => {
    const missing = () => new Worker('/not-there.js', { type: 'module' });
    await expect(Segmenter.load(people, { createWorker: missing })).rejects.toMatchObject({
      code: 'runtime',
    });
  });

  test('no model', async () => {
    await expect(Segmenter.load('/not-there/')).rejects.toMatchObject({ name: 'AtrousError' });
    await expect(Segmenter.load(people, { runtime: 'gpu' })).rejects.toMatchObject({ code: 'input' });
    await expect(Segmenter.load(people, { runtime: {} as never })).rejects.toMatchObject({ code: 'input' });
    for (const location of [null, undefined, 7, 'http://[']) {
      await expect(Segmenter.load(location as never)).rejects.toMatchObject({ code: 'input' });
    }
    for (const options of [
      null,
      { runtime: null },
      { threads: 1.5 },
      { threads: '2' },
      { wasm: 'http://[' },
    ]) {
      await expect(Segmenter.load(people, options as never)).rejects.toMatchObject({ code: 'input' });
    }
    await expect(listRuntimes({ threads: -1 })).rejects.toMatchObject({ code: 'input' });
    const reader = { name: 'mine', open: async () => null };
    await expect(Segmenter.load(reader as never)).rejects.toMatchObject({ code: 'input' });
  });

  test('disposed of while it runs: rejected at once, and the frame that it had is closed', async () => {
    const short = await Segmenter.load(people, { runtime: 'wasm' });
    const frames = [0, 1].map(() => new VideoFrame(canvasOf(640, 480), { timestamp: 0 }));
    const calls = frames.map((frame) => short.segment(frame, { transfer: true }));
    const settled = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await short.dispose();
    for (const call of await settled) expect(call).toMatchObject({ reason: { code: 'disposed' } });
    expect(frames.map(({ format }) => format)).toEqual([null, null]);
  });

  test('disposed of', async () => {
    const short = await Segmenter.load(people, { runtime: 'wasm' });
    await Promise.all([short.dispose(), short.dispose()]);
    await short.dispose();
    await expect(short.segment(picture)).rejects.toMatchObject({ code: 'disposed' });
    await expect(short.features(picture, ['logits'])).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('runtimes', () => {
  const wasm = new URL(wasmUrl, location.href);
  const withOnnx = () => new Worker(new URL('./test_onnx_worker.ts', import.meta.url), { type: 'module' });

  test('of the package’s own worker are our own', async () => {
    expect(await listRuntimes()).toEqual([
      { name: 'wasm', available: true },
      { name: 'reference', available: true },
    ]);
    await expect(Segmenter.load(people, { runtime: 'onnx:wasm' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('npm install @atrous/runtime-onnx'),
    });
  });

  test('of others come with a worker file of the app', async () => {
    const statuses = await listRuntimes({ createWorker: withOnnx, wasm });
    expect(statuses.map(({ name }) => name)).toEqual(['onnx:webgpu', 'wasm', 'onnx:wasm', 'reference']);
    expect(statuses[0].reason).toMatch(/software/);
    const other = await Segmenter.load(people, { createWorker: withOnnx, wasm, runtime: 'onnx:wasm' });
    const { labels } = await other.segment(picture);
    const expected = (await inPage.segment(picture)).labels.data;
    await other.dispose();
    const same = labels.data.filter((label: number, i: number) => label === expected[i]).length;
    expect([other.runtime, same / expected.length > 0.998]).toEqual(['onnx:wasm', true]);
  });

  test('cannot be posted', async () => {
    const load = Segmenter.load(people, { runtimes: [] } as never);
    await expect(load).rejects.toThrow('call serveSegmenter({ runtimes }) of @atrous/segmenter/thread');
  });
});
