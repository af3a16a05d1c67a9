import { availableParallelism } from 'node:os';
import { createWorker } from './create_worker_node.ts';
import { checkRevectorize, compileRevectorized } from './revectorize.ts';
import { runtimeFor, type WasmOptions, type WasmRuntime } from './runtime.ts';

export * from './exports.ts';

export interface NodeWasmOptions extends WasmOptions {
  /**
   * Node 24 and later: our kernels are compiled with V8's experimental revectorization, which joins two 128-bit operations into one of
   * 256 bits on x86 with AVX2. Results are the same. V8's flag is set while they compile, and set back. @default false
   */
  readonly revectorize?: boolean;
}

const plain = runtimeFor(createWorker, availableParallelism);
const paired = runtimeFor(createWorker, availableParallelism, compileRevectorized);

/** Our own engine, in worker threads. @throws AtrousError `unavailable` for `revectorize` before Node 24 */
export function wasm({ revectorize = false, ...options }: NodeWasmOptions = {}): WasmRuntime {
  if (!revectorize) return plain(options);
  checkRevectorize();
  return paired(options);
}
