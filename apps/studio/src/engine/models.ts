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

const isModelFile = ({ name }: File) => /\.safetensors$|^config\.json$/i.test(name);

/** Whether files that somebody dropped are a model's. */
export const hasModel = (files: readonly File[]): boolean => files.some(isModelFile);

/** A model out of files: `config.json` and the weights that it names. @throws AtrousError `input` */
export function modelOfFiles(files: readonly File[]): ModelChoice {
  const own = files.filter(isModelFile);
  const names = own.map(({ name }) => name);
  if (!names.includes('config.json')) {
    throw new AtrousError(
      'input',
      `a model is config.json and its weights together, got ${names.join(', ')}`,
    );
  }
  if (names.length === 1) {
    throw new AtrousError(
      'input',
      'a model is config.json and its weights together: the weights are missing',
    );
  }
  const weights = names.filter((name) => name !== 'config.json');
  return { id: `files:${weights.join('+')}`, title: weights.join(', '), location: own };
}

/** A model by its folder's URL. @throws AtrousError `input` */
export function modelOfUrl(text: string): ModelChoice {
  const url =
    text.trim() === '' ? null : URL.parse(text.trim().replace(/\/config\.json$/, '/'), document.baseURI);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new AtrousError(
      'input',
      `"${text}" is no URL: expected the folder of a model, as https://…/my-model/`,
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
