import { packedFolder } from '@atrous/graph';
import type { ModelCache } from '@atrous/zoo';

/** The name in Cache Storage under which models are kept: what shows or clears them asks for it. */
export const modelCacheName = 'atrous';

/** Cache Storage where the page may have one: a sandboxed document may not even look. */
export async function openModelCache(): Promise<ModelCache | undefined> {
  try {
    return await globalThis.caches?.open(modelCacheName);
  } catch {
    return undefined;
  }
}

/** Removes what runtimes have kept on the disk of this browser, beside models themselves; a model in use goes on. */
export async function clearPacked(): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(packedFolder, { recursive: true });
  } catch {} // there is none
}
