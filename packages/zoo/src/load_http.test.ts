import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AtrousError } from '@atrous/tensor';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ModelCache } from './cache.ts';
import { urlFiles } from './files.ts';
import { type LoadModelOptions, loadModel as loadModelAnywhere } from './index.ts';
import { folderCache } from './node.ts';
import type { Progress } from './progress.ts';
import { tinyArchitecture, tinyConfig } from './test_model.ts';
import { startServer } from './test_server.ts';
import { type Files, memoryCache, modelVersion, versionOf } from './test_versions.ts';

/** How the server gives a file. */
const manners = ['good', 'html', 'cut', 'wrong', 'missing', 'offline'] as const;
type Manner = (typeof manners)[number];

const config = '/config.json';
const weights = '/model.safetensors';
const html = '<!doctype html><title>Sign in</title>';

let versions: Files[];
let server: Awaited<ReturnType<typeof startServer>>;
/** What is served, and how. */
let files: Files;
let manner: Record<string, Manner> = {};
let requests: string[] = [];
let root = '';

/** A config that is sound, but asks for weights that are not there. */
const otherChecksum = (body: Uint8Array) => {
  const parsed = JSON.parse(new TextDecoder().decode(body));
  parsed.weights.files[0].sha256 = '0'.repeat(64);
  return JSON.stringify(parsed);
};
const oneBitFlipped = (body: Uint8Array) => body.map((byte, i) => (i === body.length >> 1 ? byte ^ 1 : byte));

const serve = (version: number, config: Manner = 'good', weights: Manner = config) => {
  files = versions[version];
  manner = { '/config.json': config, '/model.safetensors': weights };
};

beforeAll(async () => {
  versions = await Promise.all([0, 1, 2].map((version) => modelVersion(version)));
  root = await mkdtemp(join(tmpdir(), 'atrous-http-'));
  server = await startServer(({ url: path = '', socket }, response) => {
    requests.push(path);
    const body = files.get(path.slice(1).replace(/\?.*/, ''));
    const how = manner[path] ?? 'good';
    if (how === 'offline') return socket.destroy();
    if (!body || how === 'missing') return response.writeHead(404).end(html);
    if (how === 'html') return response.setHeader('content-type', 'text/html').end(html);
    if (how === 'wrong') return response.end(path === config ? otherChecksum(body) : oneBitFlipped(body));
    if (how === 'good') return response.end(body);
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, body.length >> 1), () => socket.destroy());
  });
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true });
});
beforeEach(() => {
  serve(0);
  requests = [];
});

const loadModel = (options: LoadModelOptions = {}) => loadModelAnywhere(server.url, options);
const offline: typeof fetch = () => Promise.reject(new TypeError('no network'));
const load = async (options: LoadModelOptions) => versionOf(await loadModel(options));
const pair = (version: number) => [`version ${version}`, `version ${version}`];

/** A cache with room for a config and no more. */
const fullCache = (cache: ModelCache): ModelCache => ({
  ...cache,
  async put(url, response) {
    if (url.endsWith(weights)) throw new DOMException('no room', 'QuotaExceededError');
    await cache.put(url, response);
  },
});

/** Loads, and gives what was warned of. */
async function warned(options: LoadModelOptions): Promise<[string[], AtrousError[]]> {
  const warnings: AtrousError[] = [];
  return [await load({ ...options, onWarning: (warning) => warnings.push(warning) }), warnings];
}

test('whatever a server does, what loads is a pair, and what was kept last works offline', async () => {
  const how = fc.oneof({ weight: 2, arbitrary: fc.constant('good' as const) }, fc.constantFrom(...manners));
  const step = fc.record({
    version: fc.nat(2),
    config: how,
    weights: how,
    isFull: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
      const memory = memoryCache();
      let kept: string[] | undefined;
      for (const { version, config, weights, isFull } of steps) {
        serve(version, config, weights);
        const cache = isFull ? fullCache(memory) : memory;
        const isKept = kept?.[0] === `version ${version}`;
        const isGood = config === 'good' && (weights === 'good' || isKept);
        const loaded = await load({ cache }).catch((error) => {
          expect(error).toMatchObject({ name: 'AtrousError', message: expect.stringContaining(server.url) });
          return undefined;
        });
        expect(loaded).toEqual(isGood ? pair(version) : kept);
        if (isGood && !isFull) kept = loaded;
        const later = await load({ cache: memory, fetch: offline }).catch(() => undefined);
        expect(later).toEqual(kept);
      }
    }),
    { numRuns: 30 },
  );
});

describe('what is online cannot be used', () => {
  test.each([
    ['html', 'good', 'config', /config\.json: not JSON: .*; the model in the cache is used instead/],
    ['cut', 'good', 'integrity', /config\.json: the download broke off/],
    ['wrong', 'good', 'integrity', /model\.safetensors: expected SHA-256 0{64}/],
    ['missing', 'good', 'not-found', /config\.json: the server answers 404/],
    ['offline', 'offline', 'not-found', /config\.json: cannot be fetched/],
    [
      'good',
      'html',
      'integrity',
      /model\.safetensors: expected \d+ bytes, the server sent 37 \(an HTML page\)/,
    ],
    ['good', 'cut', 'integrity', /model\.safetensors: the download broke off/],
    ['good', 'wrong', 'integrity', /model\.safetensors: expected SHA-256/],
    ['good', 'missing', 'not-found', /model\.safetensors: the server answers 404/],
  ] as const)(
    'config %s, weights %s: the kept model serves, with a warning',
    async (config, weights, code, message) => {
      const cache = memoryCache();
      expect(await warned({ cache })).toEqual([pair(0), []]);
      serve(1, config, weights);
      for (const fetch of [globalThis.fetch, offline]) {
        const [loaded, [warning]] = await warned({ cache, fetch });
        expect(loaded).toEqual(pair(0));
        if (fetch === offline) continue;
        expect(warning).toMatchObject({ name: 'AtrousError', code, message: expect.stringMatching(message) });
      }
      serve(1);
      expect(await warned({ cache })).toEqual([pair(1), []]);
    },
  );
  test('and nothing is kept: the error is that of the download, and nothing enters the cache', async () => {
    const cache = memoryCache();
    for (const [config, weights] of [
      ['html', 'good'],
      ['good', 'wrong'],
    ] as const) {
      serve(0, config, weights);
      await expect(load({ cache })).rejects.toMatchObject({ message: expect.stringContaining(server.url) });
    }
    expect(cache.entries.size).toBe(0);
  });
  test('a network that the weights do not fit is not kept', async () => {
    const cache = memoryCache();
    await load({ cache });
    const architecture = { ...tinyArchitecture, decoder: { channels: 6, lowLevelChannels: 2 } };
    const other = await modelVersion(1, { ...tinyConfig, architecture });
    const text = new TextDecoder().decode(other.get('config.json'));
    files = new Map([...versions[0], ['config.json', new TextEncoder().encode(text)]]);
    // the checksums are those of weights for the network before
    const [{ bytes, sha256 }] = JSON.parse(new TextDecoder().decode(versions[0].get('config.json'))).weights
      .files;
    const claimed = JSON.parse(text);
    Object.assign(claimed.weights.files[0], { bytes, sha256 });
    files = new Map([...versions[0], ['config.json', new TextEncoder().encode(JSON.stringify(claimed))]]);
    const [loaded, [warning]] = await warned({ cache });
    expect(warning.code).toBe('weights');
    expect(loaded).toEqual(pair(0));
    expect(await load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test('weights are downloaded for a kept config where only they are there', async () => {
    const cache = memoryCache();
    await load({ cache });
    cache.entries.delete(server.url + weights);
    serve(0, 'html', 'good');
    expect(await load({ cache })).toEqual(pair(0));
    expect(await load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test('nor downloaded twice where the newest config could be read', async () => {
    const cache = memoryCache();
    await load({ cache });
    cache.entries.delete(server.url + weights);
    serve(0, 'good', 'cut');
    requests = [];
    await expect(load({ cache })).rejects.toThrow('broke off');
    expect(requests).toEqual([config, weights]);
  });
  test('a config of 700 MB is refused at once', async () => {
    const huge = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': 700e6 }).flushHeaders();
    });
    await expect(loadModelAnywhere(huge.url)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/config\.json: more than 4194304 bytes/),
    });
    await huge.close();
    const file = new File([new Uint8Array((1 << 22) + 1)], 'config.json');
    await expect(loadModelAnywhere([file])).rejects.toThrow('a config has at most 4194304');
  });
});

describe('a damaged cache', () => {
  const poison = (entries: Map<string, Blob>, path: string) =>
    entries.set(server.url + path, new Blob([html]));
  test.each([config, weights])('%s heals with the next good load', async (path) => {
    const cache = memoryCache();
    await load({ cache });
    poison(cache.entries, path);
    expect(await load({ cache })).toEqual(pair(0));
    expect(await load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test.each([config, weights])(
    '%s is forgotten offline, and the error is that of the network',
    async (path) => {
      const cache = memoryCache();
      const { entries } = cache;
      await load({ cache });
      poison(entries, path);
      await expect(load({ cache, fetch: offline })).rejects.toThrow(
        `config.json: cannot be fetched: no network`,
      );
      expect(entries.has(server.url + path)).toBe(true); // a cache that cannot forget
      const complete: ModelCache = { ...cache, delete: async (url) => entries.delete(url) };
      await expect(load({ cache: complete, fetch: offline })).rejects.toThrow('no network');
      expect(entries.has(server.url + path)).toBe(false);
    },
  );
  test('weights that a newer config does not ask for stay, until what it asks for is there', async () => {
    const memory = memoryCache();
    const cache: ModelCache = { ...memory, delete: async (url) => memory.entries.delete(url) };
    await load({ cache });
    serve(1, 'good', 'missing');
    await load({ cache });
    expect(await load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test('that fails is none', async () => {
    const fail = () => Promise.reject(new DOMException('no', 'SecurityError'));
    expect(await load({ cache: { match: fail, put: fail } })).toEqual(pair(0));
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
      const isConfig = url.endsWith(config);
      if (isConfig !== (version === 1)) await Promise.race([gates[isConfig ? 1 : 0].promise, sleep()]);
      await memory.put(url, response);
      gates[isConfig ? 1 : 0].resolve();
    },
  });
  const fetchOf = (version: number): typeof fetch => {
    return async (url) => new Response(versions[version].get(String(url).split('/').at(-1) ?? '')?.slice());
  };
  await Promise.all([0, 1].map((version) => load({ cache: cacheOf(version), fetch: fetchOf(version) })));
  const kept = await load({ cache: memory, fetch: offline });
  expect([pair(0), pair(1)]).toContainEqual(kept);
});

test('progress never goes back, also where a stale copy is checked first', async () => {
  const cache = memoryCache();
  await load({ cache });
  serve(1);
  const files = urlFiles(server.url, { cache });
  const steps: Progress[] = [];
  await loadModelAnywhere(
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
  const last = { file: server.url + weights, loaded: versions[1].get('model.safetensors')?.length };
  expect(steps.filter(({ phase }) => phase === 'verify')).toHaveLength(1);
  expect(steps.at(-1)).toMatchObject({ phase: 'download', ...last });
});

describe('an abort', () => {
  test('while the cache is asked rejects with its reason', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort('enough'), 50);
    const cache = { ...memoryCache(), match: () => new Promise<never>(() => {}) };
    await expect(load({ cache, signal: stop.signal })).rejects.toBe('enough');
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
    await expect(load({ cache, signal: stop.signal })).rejects.toBe('enough');
    expect(memory.entries.size).toBe(0);
    write();
    await expect.poll(() => memory.entries.size).toBe(2);
  });
  test('while a copy is read does not forget it', async () => {
    const memory = memoryCache();
    await load({ cache: memory });
    const stop = new AbortController();
    const cache: ModelCache = {
      ...memory,
      async match(url) {
        if (url.endsWith(weights)) stop.abort('enough');
        return memory.match(url);
      },
      delete: async (url) => memory.entries.delete(url),
    };
    await expect(load({ cache, fetch: offline, signal: stop.signal })).rejects.toBe('enough');
    expect(memory.entries.size).toBe(2);
  });
  test('in a download is no reason to take the kept model', async () => {
    const cache = memoryCache();
    await load({ cache });
    serve(1);
    const stop = new AbortController();
    const loading = load({ cache, signal: stop.signal, onProgress: () => stop.abort('enough') });
    await expect(loading).rejects.toBe('enough');
  });
});

describe('a bare checkpoint', () => {
  const { head, encoder, ...options } = tinyArchitecture;
  const checkpoint = { network: `${head}-${encoder}`, options };
  const loadBare = async (more: LoadModelOptions) => {
    const warnings: AtrousError[] = [];
    const onWarning = (warning: AtrousError) => warnings.push(warning);
    const model = await loadModelAnywhere(server.url + weights, { ...checkpoint, onWarning, ...more });
    return [(await versionOf(model))[1], warnings.length];
  };
  test('is kept when it was read, and serves when the next cannot be', async () => {
    const cache = memoryCache();
    serve(0, 'good', 'html');
    await expect(loadBare({ cache })).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining(server.url),
    });
    expect(cache.entries.size).toBe(0);
    serve(1);
    expect(await loadBare({ cache })).toEqual(['version 1', 0]);
    serve(2, 'good', 'html');
    expect(await loadBare({ cache })).toEqual(['version 1', 1]);
    expect(await loadBare({ cache, fetch: offline })).toEqual(['version 1', 1]);
    serve(2);
    expect(await loadBare({ cache })).toEqual(['version 2', 0]);
  });
});

describe('where files lie', () => {
  test('a folder keeps its query, a record has its own names only', async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (url) => {
      asked.push(String(url));
      return new Response('x');
    };
    for (const folder of [
      'https://a.example/m',
      'https://a.example/m//?v=1&w=?#top',
      '/m/#?',
      new URL('https://a.example/'),
    ]) {
      await urlFiles(folder, { fetch }).open('f');
    }
    expect(asked).toEqual([
      'https://a.example/m/f',
      'https://a.example/m/f?v=1&w=?',
      '/m/f',
      'https://a.example/f',
    ]);
    await expect(urlFiles({ f: '/f' }, { fetch }).open('constructor')).rejects.toMatchObject({
      code: 'not-found',
      message: 'constructor is not among the URLs given: f',
    });
  });
  test.each([0, -1, Number.NaN])('a stall timeout of %s is an error', (stallTimeout) => {
    expect(() => urlFiles('/m', { stallTimeout })).toThrow('stallTimeout: expected milliseconds above 0');
  });
  test('that never answer end with the stall timeout', async () => {
    const silent = await startServer(() => {});
    await expect(loadModelAnywhere(silent.url, { stallTimeout: 50 })).rejects.toThrow(
      `${silent.url}/config.json: cannot be fetched: nothing came for 0.05 s`,
    );
    await silent.close();
  });
});

describe('a folder as a cache', () => {
  test('keeps, forgets, and leaves nothing half done', async () => {
    const folder = join(root, 'cache');
    const cache = folderCache(folder);
    await Promise.all([1, 2, 3].map(() => cache.put('a', new Response('x'.repeat(100_000)))));
    expect(await (await cache.match('a'))?.text()).toHaveLength(100_000);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('disk full')) });
    await expect(cache.put('a', new Response(broken))).rejects.toThrow('disk full');
    expect(await readdir(folder)).toHaveLength(1);
    expect(await (await cache.match('a'))?.text()).toHaveLength(100_000);
    expect([await cache.delete('a'), await cache.delete('a')]).toEqual([true, false]);
    expect(await cache.match('a')).toBeUndefined();
  });
});
