import { runtimeFor, type WasmOptions, type WasmRuntime } from './runtime.ts';
import { engineWorker } from './web_worker.ts';

export * from './exports.ts';

/** Our own engine, in web workers. One core is left to the page. */
export const wasm: (options?: WasmOptions) => WasmRuntime = runtimeFor(
  () => engineWorker(new URL('./worker_browser.ts', import.meta.url)),
  () => Math.max(1, navigator.hardwareConcurrency - 1),
);
