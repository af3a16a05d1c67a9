import type { Runtime, RuntimeSet } from '@atrous/graph';

/** A set whose runtime is brought once, so that all that is loaded through it shares a device; after a failure it is tried anew. */
export function setOf(bring: () => Promise<Runtime>): RuntimeSet {
  let brought: Promise<Runtime> | undefined;
  return {
    webgpu() {
      brought ??= bring().catch((error) => {
        brought = undefined;
        throw error;
      });
      return brought;
    },
  };
}
