import people from '@atrous/model-people/config.json';
import peopleSmall from '@atrous/model-people-small/config.json';
import street from '@atrous/model-street/config.json';
import { clearPacked, modelCacheName } from '@atrous/segmenter/client';
import { AtrousError } from '@atrous/tensor';
import { signal } from '@preact/signals';
import { browserWeights } from '../browser_weights.ts';
import type { ModelChoice } from '../state/engine.ts';

/** A model that ships. */
export interface Shipped extends ModelChoice {
  readonly about: string;
  readonly bytes: number;
  readonly small?: Shipped;
}

/** What is known of a model that ships is in its config. */
interface Config {
  readonly name: string;
  readonly labels: readonly unknown[];
  readonly weights: Parameters<typeof browserWeights>[0];
}

const ship = ({ name, labels, weights }: Config, title: string, about: string, small?: Shipped): Shipped => ({
  id: name,
  title,
  about: `${about}, ${labels.length} classes`,
  bytes: browserWeights(weights).bytes,
  location: new URL(`models/${name}/`, document.baseURI),
  ...(small && { small }),
});

const smallPeople = ship(peopleSmall, 'People, small', 'The same, faster: for video and slow connections');

/** The models that ship, the first one being what the studio begins with. */
export const shipped: readonly Shipped[] = [
  ship(people, 'People', 'Persons and what they wear', smallPeople),
  smallPeople,
  ship(street, 'Street', 'Road, cars, buildings, sky …'),
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

/** Whether a model's weights are kept. */
export const isKept = ({ location }: ModelChoice): boolean =>
  kept.value.urls.some((url) => url.startsWith(String(location)) && url.endsWith('.safetensors'));

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

/** Forgets all models, and what the engine made of them: the next load downloads again. */
export async function clearKept(): Promise<void> {
  await caches.delete(modelCacheName);
  await clearPacked();
  await measureKept();
}
