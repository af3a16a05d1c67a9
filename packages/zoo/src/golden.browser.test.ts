import { goldenNames, loadGolden } from '@atrous/golden';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { wasm } from '@atrous/runtime-wasm';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { describe, expect, test } from 'vitest';
import { parityError } from './test_parity.ts';

const onnx = onnxWasm({ wasm: new URL(wasmUrl, location.href) });

test('the page is isolated: there may be threads', () => {
  expect(crossOriginIsolated).toBe(true);
});

describe.each([
  ['onnx:wasm', onnx],
  ['wasm, relaxed SIMD, two threads', wasm({ build: 'relaxed', threads: 2 })],
  ['wasm, SIMD128, one thread', wasm({ build: 'simd', threads: 1 })],
])('%s in a browser agrees with the original implementations', (_name, runtime) => {
  test.each(goldenNames)('%s', async (name) => {
    expect(await parityError(await loadGolden(name), runtime)).toBeLessThan(1e-5);
  });
});
