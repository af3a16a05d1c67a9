import { packedFolder } from '@atrous/graph';

/** The name in Cache Storage under which models are kept: what shows or clears them asks for it. */
export const modelCacheName = 'atrous';

/** Removes what runtimes have kept on the disk of this browser, beside models themselves; a model in use goes on. */
export async function clearPacked(): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(packedFolder, { recursive: true });
  } catch {} // there is none
}
