import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadModel } from './browser.ts';
import { urlFiles } from './files.ts';
import { folderCache } from './node.ts';
import { startServer } from './test_server.ts';

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
    await expect(loadModel(silent.url, { stallTimeout: 50 })).rejects.toThrow(
      `${silent.url}/config.json: cannot be fetched: nothing came for 0.05 s`,
    );
    await silent.close();
  });
});

describe('a folder as a cache', () => {
  test('keeps, forgets, and leaves nothing half done', async () => {
    const root = await mkdtemp(join(tmpdir(), 'atrous-cache-'));
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
    await rm(root, { recursive: true });
  });
});
