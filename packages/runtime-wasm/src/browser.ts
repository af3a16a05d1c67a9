import type { ThreadWorker } from './pool.ts';
import { runtimeFor, type WasmOptions, type WasmRuntime } from './runtime.ts';

export * from './exports.ts';

function createWorker(): ThreadWorker {
  const worker = new Worker(new URL('./worker_browser.ts', import.meta.url), { type: 'module' });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onReply, onError) {
      worker.onmessage = ({ data }) => onReply(data);
      worker.onerror = (event) => onError(new Error(event.message || 'the worker could not be started'));
    },
    keepAlive: () => {},
    terminate: () => worker.terminate(),
  };
}

/** Our own engine, in web workers. One core is left to the page. */
export const wasm: (options?: WasmOptions) => WasmRuntime = runtimeFor(createWorker, () =>
  Math.max(1, navigator.hardwareConcurrency - 1),
);
