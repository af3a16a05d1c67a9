import { wasm } from '@atrous/runtime-wasm';
import { engineWorker, serveEngine } from '@atrous/runtime-wasm/thread';
import type { SegmenterThread } from './protocol.ts';
import { serveSegmenter, threadWith } from './thread.ts';

/** The name of a worker that is one of the engine's threads: this file is both, so that a page needs no other. */
const engineName = 'atrous-engine';
const isWorker = 'WorkerGlobalScope' in globalThis;
const createWorker = () => engineWorker(new URL(import.meta.url), engineName);

if (isWorker && self.name === engineName) serveEngine();
else if (isWorker)
  serveSegmenter({ runtimes: [{ wasm: async (options) => wasm({ ...options, createWorker }) }] });

/**
 * What this worker does, on the thread that calls it: for pages where no worker can start, which import this file.
 * @param why no worker can
 */
export function threadHere(why: string): SegmenterThread {
  const createWorker = () => {
    throw new Error(why);
  };
  return threadWith([{ wasm: async (options) => wasm({ ...options, createWorker }) }]);
}
