import { loadGolden } from '@atrous/golden';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { wasm } from '@atrous/runtime-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { describe, expect, test } from 'vitest';
import { oneOfEach, parityError } from './test_parity.ts';

const here = (url: string) => new URL(url, location.href).href;
const tfjs = tfjsWasm({
  wasm: {
    'tfjs-backend-wasm.wasm': here(plain),
    'tfjs-backend-wasm-simd.wasm': here(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': here(threaded),
  },
});
const onnx = onnxWasm({ wasm: new URL(wasmUrl, location.href) });

test('the page is isolated: there may be threads', () => {
  expect(crossOriginIsolated).toBe(true);
});

describe.each([
  ['onnx:wasm', onnx],
  ['wasm, relaxed SIMD, two threads', wasm({ build: 'relaxed', threads: 2 })],
  ['wasm, SIMD128, one thread', wasm({ build: 'simd', threads: 1 })],
  ['tfjs:wasm', tfjs],
])('%s in a browser agrees with the original implementations', (_name, runtime) => {
  test.each(oneOfEach)('%s', async (name) => {
    expect(await parityError(await loadGolden(name), runtime)).toBeLessThan(1e-5);
  });
});
