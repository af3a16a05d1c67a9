import { availableParallelism } from 'node:os';
import { Worker as NodeWorker } from 'node:worker_threads';
import type { Worker } from './pool.ts';
import { runtimeFor, type WasmOptions, type WasmRuntime } from './runtime.ts';

export * from './exports.ts';

function createWorker(): Worker {
  const worker = new NodeWorker(new URL('./worker_node.ts', import.meta.url));
  worker.unref();
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onReply, onError) {
      worker.on('message', onReply);
      worker.on('error', onError);
    },
    keepAlive: (keep) => (keep ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

/** Our own engine, in worker threads. */
export const wasm: (options?: WasmOptions) => WasmRuntime = runtimeFor(createWorker, availableParallelism);
