import { goldenNames, loadGolden } from '@atrous/golden';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { describe, expect, test } from 'vitest';
import { parityError } from './test_parity.ts';

const runtime = onnxWasm({ wasm: new URL(wasmUrl, location.href) });

describe('onnx:wasm in a browser agrees with the original implementations', () => {
  test('with threads, since the page is isolated', () => {
    expect(crossOriginIsolated).toBe(true);
  });
  test.each(goldenNames)('%s', async (name) => {
    expect(await parityError(await loadGolden(name), runtime)).toBeLessThan(1e-5);
  });
});
