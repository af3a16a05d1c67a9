import { blobBytes } from '@atrous/checkpoint';
import { verify } from './integrity.ts';
import type { KeptFiles, ModelFile } from './model_folder.ts';
import { wait } from './wait.ts';

/** Methods of the Cache API: `caches.open('…')` is one, and anything with the first two will do. */
export interface ModelCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
  /** Without it a damaged copy stays until the next good download replaces it. */
  delete?(url: string): Promise<boolean>;
}

/** The copies that a cache has, by the files' URLs. */
export function keptFiles(cache: ModelCache, urlOf: (file: string) => string): KeptFiles {
  return {
    async open(file, options = {}) {
      const { signal } = options;
      const url = urlOf(file);
      const find = async () => (await cache.match(url))?.blob();
      const blob = await wait(find(), { signal }).catch(() => {
        signal?.throwIfAborted();
        return undefined; // a cache that fails is no cache
      });
      if (!blob) return undefined;
      const bytes = blobBytes(blob, url);
      await verify(bytes, options);
      return bytes;
    },
    async drop(file) {
      await cache.delete?.(urlOf(file)).catch(() => false);
    },
  };
}

/** Puts a file into a cache, and says whether it is there: not where the cache is full or forbidden. */
export async function put(cache: ModelCache, url: string, blob: Blob): Promise<boolean> {
  try {
    await cache.put(url, new Response(blob));
    return true;
  } catch {
    return false; // the next visit downloads again
  }
}

let last: Promise<void> = Promise.resolve();

/**
 * Keeps a model: its weights, then the config that asks for them, and the config only where the weights are kept: what
 * the cache held before works until then. Loads take turns, so that never the weights of one version and the config of
 * another stay.
 */
export function keep(weights: ModelFile, config?: ModelFile): Promise<void> {
  const turn = last.then(async () => {
    const isKept = weights.keep === undefined || (await weights.keep());
    if (isKept) await config?.keep?.();
  });
  last = turn.catch(() => {});
  return turn;
}
