import type { Runtime } from '@atrous/graph';
import { type WebOptions, wasmRuntime } from './web.ts';

export type { WebOptions } from './web.ts';

/** onnxruntime-web on WASM with SIMD, and threads where the page is cross-origin isolated. */
export function onnxWasm(options: WebOptions = {}): Runtime {
  return wasmRuntime(() => import('onnxruntime-web/wasm'), options);
}
