import { availableParallelism } from 'node:os';
import { createWorker } from './create_worker_node.ts';
import { runtimeFor, type WasmOptions, type WasmRuntime } from './runtime.ts';

export * from './exports.ts';

/** Our own engine, in worker threads. */
export const wasm: (options?: WasmOptions) => WasmRuntime = runtimeFor(createWorker, availableParallelism);
