import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadModel } from './browser.ts';
import type { ModelCache } from './cache.ts';
import { tinyArchitecture, tinyConfig } from './test_model.ts';
import { configPath, manners, offline, pair, startModelServer, weightsPath } from './test_model_server.ts';
import { startServer } from './test_server.ts';
import { type Files, memoryCache, modelVersion } from './test_versions.ts';

let server: Awaited<ReturnType<typeof startModelServer>>;
beforeAll(async () => {
  server = await startModelServer();
});
beforeEach(() => server.serve(0));
afterAll(() => server.close());

/** A cache with room for a config and no more. */
const fullCache = (cache: ModelCache): ModelCache => ({
  ...cache,
  async put(url, response) {
    if (url.endsWith(weightsPath)) throw new DOMException('no room', 'QuotaExceededError');
    await cache.put(url, response);
  },
});

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
        server.serve(version, config, weights);
        const cache = isFull ? fullCache(memory) : memory;
        const isKept = kept?.[0] === `version ${version}`;
        const isGood = config === 'good' && (weights === 'good' || isKept);
        const loaded = await server.load({ cache }).catch((error) => {
          expect(error).toMatchObject({ name: 'AtrousError', message: expect.stringContaining(server.url) });
          return undefined;
        });
        expect(loaded).toEqual(isGood ? pair(version) : kept);
        if (isGood && !isFull) kept = loaded;
        const later = await server.load({ cache: memory, fetch: offline }).catch(() => undefined);
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
      expect(await server.warned({ cache })).toEqual([pair(0), []]);
      server.serve(1, config, weights);
      for (const fetch of [globalThis.fetch, offline]) {
        const [loaded, [warning]] = await server.warned({ cache, fetch });
        expect(loaded).toEqual(pair(0));
        if (fetch === offline) continue;
        expect(warning).toMatchObject({ name: 'AtrousError', code, message: expect.stringMatching(message) });
      }
      server.serve(1);
      expect(await server.warned({ cache })).toEqual([pair(1), []]);
    },
  );
  test('and nothing is kept: the error is that of the download, and nothing enters the cache', async () => {
    const cache = memoryCache();
    for (const [config, weights] of [
      ['html', 'good'],
      ['good', 'wrong'],
    ] as const) {
      server.serve(0, config, weights);
      await expect(server.load({ cache })).rejects.toMatchObject({
        message: expect.stringContaining(server.url),
      });
    }
    expect(cache.entries.size).toBe(0);
  });
  test('a network that the weights do not fit is not kept', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    const architecture = { ...tinyArchitecture, decoder: { channels: 6, lowLevelChannels: 2 } };
    const other = await modelVersion(1, { ...tinyConfig, architecture });
    const read = (files: Files) => JSON.parse(new TextDecoder().decode(files.get('config.json')));
    const claimed = { ...read(other), weights: read(server.versions[0]).weights };
    server.serve(
      new Map([...server.versions[0], ['config.json', new TextEncoder().encode(JSON.stringify(claimed))]]),
    );
    const [loaded, [warning]] = await server.warned({ cache });
    expect(warning.code).toBe('weights');
    expect(loaded).toEqual(pair(0));
    expect(await server.load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test('weights are downloaded for a kept config where only they are there', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    cache.entries.delete(server.url + weightsPath);
    server.serve(0, 'html', 'good');
    expect(await server.load({ cache })).toEqual(pair(0));
    expect(await server.load({ cache, fetch: offline })).toEqual(pair(0));
  });
  test('nor downloaded twice where the newest config could be read', async () => {
    const cache = memoryCache();
    await server.load({ cache });
    cache.entries.delete(server.url + weightsPath);
    server.serve(0, 'good', 'cut');
    await expect(server.load({ cache })).rejects.toThrow('broke off');
    expect(server.requests).toEqual([configPath, weightsPath]);
  });
  test('a config of 700 MB is refused at once', async () => {
    const huge = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': 700e6 }).flushHeaders();
    });
    await expect(loadModel(huge.url)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/config\.json: more than 4194304 bytes/),
    });
    await huge.close();
    const file = new File([new Uint8Array((1 << 22) + 1)], 'config.json');
    await expect(loadModel([file])).rejects.toThrow('a config has at most 4194304');
  });
});
