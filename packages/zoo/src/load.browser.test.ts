import { expect, test } from 'vitest';
import { loadModel } from './browser.ts';
import { type Files, memoryCache, modelVersion, versionOf } from './test_versions.ts';

const folder = 'https://model.example/tiny/';
const offline: typeof fetch = () => Promise.reject(new TypeError('no network'));
const serving =
  (files: Files): typeof fetch =>
  async (url) =>
    new Response(files.get(String(url).slice(folder.length))?.slice());

test('in Cache Storage, too, an HTML page replaces no model, and the next version does', async () => {
  const cache = await caches.open('atrous-zoo-test');
  try {
    const load = async (fetch: typeof globalThis.fetch) =>
      versionOf(await loadModel(folder, { cache, fetch }));
    const [first, second] = [await modelVersion(1), await modelVersion(2)];
    await load(serving(first));
    const html: typeof fetch = async () =>
      new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
    for (const fetch of [html, offline]) expect(await load(fetch)).toEqual(['version 1', 'version 1']);
    await load(serving(second));
    expect(await load(offline)).toEqual(['version 2', 'version 2']);
    // what an earlier release may have left is forgotten
    await cache.put(`${folder}config.json`, new Response('<!doctype html>'));
    await expect(load(offline)).rejects.toThrow('no network');
    expect((await cache.keys()).map(({ url }) => url)).toEqual([`${folder}model.safetensors`]);
  } finally {
    await caches.delete('atrous-zoo-test');
  }
});

test('a body that breaks off names its URL', async () => {
  // of a body that breaks in the middle, fetch says no more than that
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new TypeError('network error')),
  });
  const loading = loadModel(folder, { cache: memoryCache(), fetch: async () => new Response(broken) });
  await expect(loading).rejects.toMatchObject({
    code: 'integrity',
    message: `${folder}config.json: the download broke off after 0 bytes: network error; try again`,
  });
});
