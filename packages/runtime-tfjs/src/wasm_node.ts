import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { TfjsRuntime } from './runtime.ts';
import { type TfjsWasmOptions, wasmRuntime } from './wasm_backend.ts';

export type { TfjsWasmOptions } from './wasm_backend.ts';

/** TensorFlow.js on WASM in Node, its binaries read from the package. */
export function tfjsWasm(options: TfjsWasmOptions = {}): TfjsRuntime {
  return wasmRuntime(options, async () => {
    const script = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    return `${dirname(script)}/`;
  });
}
