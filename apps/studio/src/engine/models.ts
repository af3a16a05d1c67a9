import { modelCacheName } from '@atrous/segmenter/worker';
import { AtrousError } from '@atrous/tensor';
import { signal } from '@preact/signals';
import type { ModelChoice } from '../state/engine.ts';

const folder = (name: string) => new URL(`models/${name}/`, document.baseURI);

/** The models that ship, the first one being what the studio begins with. */
export const shipped: readonly (ModelChoice & { readonly about: string; readonly bytes: number })[] = [
  {
    id: 'people',
    title: 'People',
    about: 'Persons and what they wear, 12 classes',
    bytes: 4_362_551,
    location: folder('people'),
  },
  {
    id: 'street',
    title: 'Street',
    about: 'Road, cars, buildings, sky …, 11 classes',
    bytes: 4_361_958,
    location: folder('street'),
  },
];

/** A model by the URL of its folder or checkpoint. @throws AtrousError `input` */
export function modelOfUrl(text: string): ModelChoice {
  const url =
    text.trim() === '' ? null : URL.parse(text.trim().replace(/\/config\.json$/, '/'), document.baseURI);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AtrousError(
      'input',
      `"${text}" is no URL: expected that of a model's folder or checkpoint, as https://…/my-model/`,
    );
  }
  return { id: url.href, title: url.pathname.split('/').filter(Boolean).at(-1) ?? url.host, location: url };
}

/** What models take in Cache Storage, in bytes, and which URLs they have. */
export const kept = signal<{ readonly bytes: number; readonly urls: readonly string[] }>({
  bytes: 0,
  urls: [],
});

/** Looks what is kept. */
export async function measureKept(): Promise<void> {
  if (!globalThis.caches) return;
  const cache = await caches.open(modelCacheName);
  const requests = await cache.keys();
  const sizes = await Promise.all(
    requests.map(async (request) => (await (await cache.match(request))?.blob())?.size ?? 0),
  );
  kept.value = { bytes: sizes.reduce((sum, size) => sum + size, 0), urls: requests.map(({ url }) => url) };
}

/** Forgets all models: the next load downloads again. */
export async function clearKept(): Promise<void> {
  await caches.delete(modelCacheName);
  await measureKept();
}
