import { packedFolder } from '@atrous/graph';
import type { ModelCache } from '@atrous/zoo';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clearPacked, Segmenter } from './browser.ts';
import { testPicture } from './test_pixels.ts';

const model = new URL('../../model-people-small/', import.meta.url);
const picture = testPicture(96, 64);
const cacheName = 'atrous-test-packed';

let cache: ModelCache;
beforeAll(async () => {
  await clearPacked();
  cache = await caches.open(cacheName);
});
afterAll(async () => {
  await clearPacked();
  await caches.delete(cacheName);
});

/** The beginnings of the files that the engine keeps. */
async function heads(): Promise<string[]> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(packedFolder, { create: true });
  const found: string[] = [];
  for await (const entry of folder.values())
    found.push(await (await (entry as FileSystemFileHandle).getFile()).slice(0, 2).text());
  return found;
}

async function use(cached: ModelCache | undefined) {
  const phases = new Set<string>();
  const segmenter = await Segmenter.load(model, {
    runtime: 'wasm',
    threads: 1,
    cache: cached,
    onProgress: ({ phase }) => phases.add(phase),
  });
  const { labels } = await segmenter.segment(picture);
  return { phases: [...phases], labels, segmenter };
}

test('the second load reads no weights: their checksum is not looked at', async () => {
  const first = await use(cache);
  expect(first.phases).toContain('verify');
  await expect.poll(heads, { timeout: 30_000 }).toEqual(['{"']);
  await first.segmenter.dispose();
  const second = await use(cache);
  expect(second.phases).toEqual([]);
  expect(second.labels).toEqual(first.labels);
  // other outputs are another network: weights are read for it, and looked at
  const { aspp } = await second.segmenter.features(picture, ['aspp']);
  expect(aspp.data.some((value) => value > 0)).toBe(true);
  await second.segmenter.dispose();
});

test('where nothing may be cached, nothing is kept', async () => {
  await clearPacked();
  const { segmenter } = await use(undefined);
  await segmenter.dispose();
  expect(await heads()).toEqual([]);
});
