import type { Runtime } from '@atrous/graph';
import { type WebOptions, wasmRuntime } from './web.ts';

export type { WebOptions } from './web.ts';

/** onnxruntime-web on WASM in Node, where its plain entry reads the `.wasm` from disk. */
export function onnxWasm(options: WebOptions = {}): Runtime {
  return wasmRuntime(() => import('onnxruntime-web'), options);
}
