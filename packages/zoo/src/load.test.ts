import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenImage, relativeError } from '@atrous/golden';
import { castToInt8, evaluate } from '@atrous/graph';
import { scaleName } from '@atrous/graph/lowering';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { wasm } from '@atrous/runtime-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelFromWeights } from './load.ts';
import { folderCache, folderSink, loadModel, saveModel } from './node.ts';
import type { Progress } from './progress.ts';
import { tinyConfig, tinyModel } from './test_model.ts';

const feeds = { image: goldenImage([1, 33, 49, 3]) };
const expected = await evaluate(tinyModel, feeds);
let root = '';
let folder = '';
let server: Server;
let url = '';
let requests: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'atrous-zoo-'));
  folder = join(root, 'tiny');
  await saveModel(folderSink(folder), tinyModel, tinyConfig);
  server = createServer(async ({ url: path = '' }, response) => {
    requests.push(path);
    const file = await readFile(join(root, path)).catch(() => undefined);
    response.writeHead(file ? 200 : 404).end(file);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true });
});

describe('a model folder', () => {
  test('written and read back computes the same', async () => {
    const model = await loadModel(folder);
    expect(model.source).toBe('atrous');
    expect(model.ignored).toEqual([]);
    const { logits } = await evaluate(model, feeds);
    expect(relativeError(logits, expected.logits)).toBe(0);
  });
  test('is found by the path of its weights alone, by the main entry', async () => {
    const entry = await import('@atrous/zoo');
    const model = await entry.loadModel(join(folder, 'model.safetensors'));
    expect(model.architecture).toEqual((await loadModel(folder)).architecture);
    const { logits } = await evaluate(model, feeds);
    expect(relativeError(logits, expected.logits)).toBe(0);
  });
  test('in half precision computes nearly the same', async () => {
    const { logits } = await evaluate(await loadModel(folder, { precision: 'float16' }), feeds);
    const error = relativeError(logits, expected.logits);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.02);
  });
  test('of several precisions the first that is there', async () => {
    const half = join(root, 'half');
    await saveModel(folderSink(half), tinyModel, tinyConfig, ['float16']);
    const first = await loadModel(folder, { precision: ['float32', 'float16'] });
    expect(relativeError((await evaluate(first, feeds)).logits, expected.logits)).toBe(0);
    const second = await loadModel(half, { precision: ['float32', 'float16'] });
    expect(relativeError((await evaluate(second, feeds)).logits, expected.logits)).toBeGreaterThan(0);
    await expect(loadModel(half, { precision: ['float32', 'int8'] })).rejects.toThrow(
      'no weights in float32 or int8, only in float16',
    );
    // named in the config, but not among the files
    await saveModel(folderSink(half), tinyModel, tinyConfig, ['float32', 'float16']);
    await rm(join(half, 'model.safetensors'));
    const rest = await loadModel(half, { precision: ['float32', 'float16'] });
    expect(relativeError((await evaluate(rest, feeds)).logits, expected.logits)).toBeGreaterThan(0);
    await rm(join(half, 'model.fp16.safetensors'));
    await expect(loadModel(half, { precision: ['float32', 'float16'] })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('model.safetensors'),
    });
  });
  test('has an order of precisions for each platform, which the caller may overrule', async () => {
    const ordered = join(root, 'ordered');
    const order = { browser: ['int8'], node: ['float16', 'int8'] } as const;
    await saveModel(folderSink(ordered), tinyModel, tinyConfig, ['float32', 'float16', 'int8'], { order });
    const taken = async (from: string, options = {}) => (await loadModel(from, options)).precision;
    expect(await taken(ordered)).toBe('float16');
    expect(await taken(ordered, { platform: 'browser' })).toBe('int8');
    expect(await taken(ordered, { precision: 'float32' })).toBe('float32');
    expect(await taken(folder)).toBe('float32');
    expect(await taken(folder, { platform: 'browser' })).toBe('float16');
    await rm(join(ordered, 'model.fp16.safetensors'));
    await rm(join(ordered, 'model.int8.safetensors'));
    expect(await taken(ordered, { platform: 'browser' })).toBe('float32'); // what the order does not name comes last
  });
  test('that was read in fewer bits is written in all precisions', async () => {
    const [from, to] = [join(root, 'from-int8'), join(root, 'to-all')];
    await saveModel(folderSink(from), tinyModel, tinyConfig, ['int8']);
    await saveModel(folderSink(to), await loadModel(from), tinyConfig, ['float32', 'float16', 'int8']);
    const { logits } = await evaluate(await loadModel(from), feeds);
    for (const [precision, bound] of [
      ['float32', 0],
      ['int8', 1e-6],
      ['float16', 0.02],
    ] as const) {
      const copy = await loadModel(to, { precision });
      expect(copy.ignored).toEqual([]);
      expect(relativeError((await evaluate(copy, feeds)).logits, logits)).toBeLessThanOrEqual(bound);
    }
  });
  test('with kernels in 8 bits is a quarter as large, and computes nearly the same', async () => {
    const small = join(root, 'int8');
    const { weights } = await saveModel(folderSink(small), tinyModel, tinyConfig, ['float32', 'int8']);
    const [float32, int8] = weights.files;
    expect(int8.bytes).toBeLessThan(float32.bytes * 0.8); // a tiny network is mostly header and batch norms
    const model = await loadModel(small, { precision: 'int8' });
    expect(model.ignored).toEqual([]);
    const { logits } = await evaluate(model, feeds);
    const error = relativeError(logits, expected.logits);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.1);
    for (const runtime of [wasm(), onnxWasm()]) {
      const session = await runtime.load(model);
      expect(relativeError((await session.run(feeds)).logits, logits)).toBeLessThan(1e-5);
      await session.dispose();
    }
  });
  test('with 8-bit kernels but no scales lists what is missing', async () => {
    const { weights } = castToInt8(tinyModel);
    const [kernel] = weights.names;
    const bare = { ...weights, names: weights.names.filter((name) => name !== scaleName(kernel)) };
    const { head, encoder, ...options } = tinyConfig.architecture;
    await expect(
      modelFromWeights(bare, {
        network: `${head}-${encoder.variant}`,
        options: { ...options, encoder: encoder.options },
      }),
    ).rejects.toThrow(`${scaleName(kernel)} (the scales of an 8-bit kernel)`);
  });
  test('as files that somebody chose', async () => {
    const files = await Promise.all(
      ['config.json', 'model.safetensors'].map(
        async (name) => new File([await readFile(join(folder, name))], name),
      ),
    );
    expect((await loadModel(files)).config?.name).toBe('tiny');
    await expect(loadModel(files.slice(0, 1))).rejects.toThrow(
      'model.safetensors is not among the files given: config.json',
    );
  });
  test('with damaged weights is an error of integrity', async () => {
    const damaged = join(root, 'damaged');
    await saveModel(folderSink(damaged), tinyModel, tinyConfig);
    const path = join(damaged, 'model.safetensors');
    const bytes = await readFile(path);
    bytes[bytes.length - 3] ^= 1;
    await writeFile(path, bytes);
    await expect(loadModel(damaged)).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining('SHA-256'),
    });
    await writeFile(path, bytes.subarray(1));
    await expect(loadModel(damaged)).rejects.toThrow(/expected \d+ bytes, got \d+/);
  });
  test('that is not there says where was looked', async () => {
    await expect(loadModel('no-such-model')).rejects.toMatchObject({ code: 'not-found' });
    await expect(loadModel(join(folder, 'config.json'))).rejects.toThrow('load the folder that it lies in');
  });
});

describe('a bare checkpoint', () => {
  test('needs a network that fits', async () => {
    const path = join(folder, 'model.safetensors');
    await expect(loadModel(path, { network: 'deeplabv3plus-xception41' })).rejects.toThrow(/misshaped/);
    const { head, encoder, ...options } = tinyConfig.architecture;
    const model = await loadModel(path, {
      network: `${head}-${encoder.variant}`,
      options: { ...options, encoder: encoder.options },
    });
    expect(relativeError((await evaluate(model, feeds)).logits, expected.logits)).toBe(0);
  });
});

describe('a URL', () => {
  test('is downloaded once, with progress, and checked', async () => {
    const cache = folderCache(join(root, 'cache'));
    const progress: Progress[] = [];
    requests = [];
    await loadModel(`${url}/tiny/`, { cache, onProgress: (step) => progress.push(step) });
    const { logits } = await evaluate(await loadModel(`${url}/tiny`, { cache }), feeds);
    expect(relativeError(logits, expected.logits)).toBe(0);
    expect(requests.filter((path) => path.endsWith('.safetensors'))).toHaveLength(1);
    const download = progress.filter(({ phase }) => phase === 'download');
    expect(download.at(-1)).toMatchObject({ loaded: download.at(-1)?.total });
    expect(progress.at(-1)?.phase).toBe('verify');
  });
  test('is downloaded again when what is cached is damaged or of another version', async () => {
    const cache = folderCache(join(root, 'stale'));
    await cache.put(`${url}/tiny/model.safetensors`, new Response('an older version'));
    requests = [];
    await loadModel(`${url}/tiny`, { cache });
    expect(requests).toContain('/tiny/model.safetensors');
  });
  test('that is gone is served from the cache', async () => {
    const cache = folderCache(join(root, 'offline'));
    await loadModel(`${url}/tiny`, { cache });
    const offline = () => Promise.reject(new TypeError('no network'));
    expect((await loadModel(`${url}/tiny`, { cache, fetch: offline })).config?.name).toBe('tiny');
    await expect(
      loadModel(`${url}/tiny`, { cache: folderCache(join(root, 'none')), fetch: offline }),
    ).rejects.toThrow('cannot be fetched: no network');
  });
  test('of each file may be given', async () => {
    const files = {
      'config.json': `${url}/tiny/config.json`,
      'model.safetensors': `${url}/tiny/model.safetensors`,
    };
    expect((await loadModel(files, { cache: folderCache(join(root, 'each')) })).source).toBe('atrous');
  });
  test('that does not exist is an error', async () => {
    await expect(loadModel(`${url}/missing/`)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('404'),
    });
  });
  test('stops when it is told to', async () => {
    const stop = new AbortController();
    const loading = loadModel(`${url}/tiny`, {
      cache: folderCache(join(root, 'stopped')),
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(loading).rejects.toThrow('enough');
  });
});
