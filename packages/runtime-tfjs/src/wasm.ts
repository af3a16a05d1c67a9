import type { TfjsRuntime } from './runtime.ts';
import { type TfjsWasmOptions, wasmRuntime } from './wasm_backend.ts';

export type { TfjsWasmOptions } from './wasm_backend.ts';

/** TensorFlow.js on WASM with SIMD, and threads where the page is cross-origin isolated. */
export function tfjsWasm(options: TfjsWasmOptions = {}): TfjsRuntime {
  return wasmRuntime(options, async () => undefined);
}
