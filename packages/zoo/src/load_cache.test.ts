import type { AtrousError } from '@atrous/tensor';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LoadModelOptions, loadModel } from './browser.ts';
import type { ModelCache } from './cache.ts';
import { urlFiles } from './files.ts';
import type { Progress } from './progress.ts';
import { tinyArchitecture } from './test_model.ts';
import { configPath, html, offline, pair, startModelServer, weightsPath } from './test_model_server.ts';
import { memoryCache, versionOf } from './test_versions.ts';

let server: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  server = await startModelServer();
});
beforeEach(() => server.serve(0));
afterAll(() => server.close());

describe('a damaged cache', () => {
  const poison = (entries: Map<string, Blob>, path: string) =>
    entries.set(server.url + path, new Blob([html]));
  test.each([configPath, weightsPath])('%s heals with the next good load', async (path) => {
    const cache = memoryCache();
    await server.load({ cache });
    poison(cache.entries, path);
    expect(await server.load({ cache })).toEqual(pair(0));
    expect(await server.load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test.each([configPath, weightsPath])(
    '%s is forgotten offline, and the error is that of the network',
    async (path) => {
      const cache = memoryCache();
      const { entries } = cache;
      await server.load({ cache });
      poison(entries, path);
      await expect(server.load({ cache, fetch: offline })).rejects.toThrow(
        `config.json: cannot be fetched: no network`,
      );
      expect(entries.has(server.url + path)).toBe(true); // a cache that cannot forget
      const complete: ModelCache = { ...cache, delete: async (url) => entries.delete(url) };
      await expect(server.load({ cache: complete, fetch: offline })).rejects.toThrow('no network');
      expect(entries.has(server.url + path)).toBe(false);
    },
  );
  test('weights that a newer config does not ask for stay, until what it asks for is there', async () => {
    const memory = memoryCache();
    const cache: ModelCache = { ...memory, delete: async (url) => memory.entries.delete(url) };
    await server.load({ cache });
    server.serve(1, 'good', 'missing');
    await server.load({ cache });
    expect(await server.load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test('that fails is none', async () => {
    const fail = () => Promise.reject(new DOMException('no', 'SecurityError'));
    expect(await server.load({ cache: { match: fail, put: fail } })).toEqual(pair(0));
  });
});

describe('weights whose checksum is looked at when the first is read', () => {
  const verify = 'read';
  const weightsUrl = () => server.url + weightsPath;
  const flipped = (bytes: Uint8Array) => {
    const copy = bytes.slice();
    copy[copy.length - 1] ^= 1;
    return new Blob([copy]);
  };

  test('come from the cache, and have the id of their file', async () => {
    const cache = memoryCache();
    const first = await loadModel(server.url, { cache, verify });
    server.serve(0);
    const second = await loadModel(server.url, { cache, verify });
    expect(server.requests).toEqual([configPath]);
    expect(await versionOf(second)).toEqual(pair(0));
    expect(second.weights.id).toBe(first.weights.id);
    server.serve(1);
    const third = await loadModel(server.url, { cache, verify });
    expect(await versionOf(third)).toEqual(pair(1));
    expect(third.weights.id).not.toBe(first.weights.id);
  });

  test('are not looked at while nobody reads one', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    cache.entries.set(weightsUrl(), flipped(server.versions[0].get('model.safetensors')!));
    server.serve(0);
    const steps: Progress[] = [];
    await loadModel(server.url, { cache, verify, onProgress: (step) => steps.push(step) });
    expect(server.requests).toEqual([configPath]);
    expect(steps.filter(({ phase }) => phase === 'verify')).toEqual([]);
  });

  test('are downloaded where the copy is damaged, and the cache heals', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    const damaged: readonly [string, Blob][] = [
      ['a bit', flipped(server.versions[0].get('model.safetensors')!)],
      ['its size', new Blob([html])],
      ['its head', new Blob([new Uint8Array(server.versions[0].get('model.safetensors')!.length)])],
    ];
    for (const [what, blob] of damaged) {
      cache.entries.set(weightsUrl(), blob);
      expect(await server.load({ cache, verify }), what).toEqual(pair(0));
      expect(await server.load({ cache, fetch: offline }), what).toEqual(pair(0));
    }
  });

  test('of a load that was ended later can still be read', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    const stop = new AbortController();
    const model = await loadModel(server.url, { cache, verify, signal: stop.signal });
    stop.abort();
    expect(await versionOf(model)).toEqual(pair(0));
  });
});

test('two versions that load at the same time stay apart in the cache', async () => {
  const memory = memoryCache();
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 100));
  const gates = [0, 1].map(() => Promise.withResolvers<void>());
  const cacheOf = (version: number): ModelCache => ({
    ...memory,
    // the worst order that can be had: weights 0, weights 1, config 1, config 0
    async put(url, response) {
      const isConfig = url.endsWith(configPath);
      if (isConfig !== (version === 1)) await Promise.race([gates[isConfig ? 1 : 0].promise, sleep()]);
      await memory.put(url, response);
      gates[isConfig ? 1 : 0].resolve();
    },
  });
  const fetchOf = (version: number): typeof fetch => {
    return async (url) =>
      new Response(server.versions[version].get(String(url).split('/').at(-1) ?? '')?.slice());
  };
  await Promise.all(
    [0, 1].map((version) => server.load({ cache: cacheOf(version), fetch: fetchOf(version) })),
  );
  const kept = await server.load({ cache: memory, fetch: offline });
  expect([pair(0), pair(1)]).toContainEqual(kept);
});

test('progress never goes back, also where a stale copy is checked first', async () => {
  const cache = memoryCache();
  await server.load({ cache });
  server.serve(1);
  const files = urlFiles(server.url, { cache });
  const steps: Progress[] = [];
  await loadModel(
    {
      ...files,
      kept: {
        drop: async () => {},
        async open(file, { onProgress } = {}) {
          onProgress?.({ phase: 'verify', file: `${server.url}/${file}`, loaded: 1e9 });
          return undefined;
        },
      },
    },
    { onProgress: (step) => steps.push(step) },
  );
  const last = {
    file: server.url + weightsPath,
    loaded: server.versions[1].get('model.safetensors')?.length,
  };
  expect(steps.filter(({ phase }) => phase === 'verify')).toHaveLength(1);
  expect(steps.at(-1)).toMatchObject({ phase: 'download', ...last });
});

describe('an abort', () => {
  test('while the cache is asked rejects with its reason', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort('enough'), 50);
    const cache = { ...memoryCache(), match: () => new Promise<never>(() => {}) };
    await expect(server.load({ cache, signal: stop.signal })).rejects.toBe('enough');
  });
  test('while the model is kept rejects at once, and the model is kept whole', async () => {
    const memory = memoryCache();
    const stop = new AbortController();
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    const cache: ModelCache = {
      ...memory,
      async put(url, response) {
        stop.abort('enough');
        await written;
        await memory.put(url, response);
      },
    };
    await expect(server.load({ cache, signal: stop.signal })).rejects.toBe('enough');
    expect(memory.entries.size).toBe(0);
    write();
    await expect.poll(() => memory.entries.size).toBe(2);
  });
  test('while a copy is read does not forget it', async () => {
    const memory = memoryCache();
    await server.load({ cache: memory });
    const stop = new AbortController();
    const cache: ModelCache = {
      ...memory,
      async match(url) {
        if (url.endsWith(weightsPath)) stop.abort('enough');
        return memory.match(url);
      },
      delete: async (url) => memory.entries.delete(url),
    };
    await expect(server.load({ cache, fetch: offline, signal: stop.signal })).rejects.toBe('enough');
    expect(memory.entries.size).toBe(2);
  });
  test('in a download is no reason to take the kept model', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    server.serve(1);
    const stop = new AbortController();
    const loading = server.load({ cache, signal: stop.signal, onProgress: () => stop.abort('enough') });
    await expect(loading).rejects.toBe('enough');
  });
});

describe('a bare checkpoint', () => {
  const { head, encoder, ...options } = tinyArchitecture;
  const checkpoint = {
    network: `${head}-${encoder.variant}`,
    options: { ...options, encoder: encoder.options },
  };
  const loadBare = async (more: LoadModelOptions) => {
    const warnings: AtrousError[] = [];
    const onWarning = (warning: AtrousError) => warnings.push(warning);
    const model = await loadModel(server.url + weightsPath, { ...checkpoint, onWarning, ...more });
    return [(await versionOf(model))[1], warnings.length];
  };
  test('is kept when it was read, and serves when the next cannot be', async () => {
    const cache = memoryCache();
    server.serve(0, 'good', 'html');
    await expect(loadBare({ cache })).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining(server.url),
    });
    expect(cache.entries.size).toBe(0);
    server.serve(1);
    expect(await loadBare({ cache })).toEqual(['version 1', 0]);
    server.serve(2, 'good', 'html');
    expect(await loadBare({ cache })).toEqual(['version 1', 1]);
    expect(await loadBare({ cache, fetch: offline })).toEqual(['version 1', 1]);
    server.serve(2);
    expect(await loadBare({ cache })).toEqual(['version 2', 0]);
  });
});
