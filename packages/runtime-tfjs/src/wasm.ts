import type { TfjsRuntime } from './runtime.ts';
import { type TfjsWasmOptions, wasmRuntime } from './wasm_backend.ts';

export type { TfjsWasmOptions } from './wasm_backend.ts';

/** As bundlers read it: they copy what is named so, and put its address here. */
const binaries = (): Readonly<Record<string, string>> => ({
  'tfjs-backend-wasm.wasm': new URL(
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
    import.meta.url,
  ).href,
  'tfjs-backend-wasm-simd.wasm': new URL(
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    import.meta.url,
  ).href,
  'tfjs-backend-wasm-threaded-simd.wasm': new URL(
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm',
    import.meta.url,
  ).href,
});

/** TensorFlow.js on WASM with SIMD, and threads where the page is cross-origin isolated. */
export function tfjsWasm(options: TfjsWasmOptions = {}): TfjsRuntime {
  return wasmRuntime(options, async () => binaries());
}
