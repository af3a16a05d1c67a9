import { goldenNames, loadGolden } from '@atrous/golden';
import { onnxNative } from '@atrous/runtime-onnx/native';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { wasm } from '@atrous/runtime-wasm';
import { describe, expect, test } from 'vitest';
import { parityError } from './test_parity.ts';

describe.each([
  ['onnx:native', onnxNative()],
  ['onnx:wasm', onnxWasm()],
  ['wasm, relaxed SIMD', wasm({ build: 'relaxed' })],
  ['wasm, SIMD128', wasm({ build: 'simd' })],
  ['tfjs:wasm', tfjsWasm()],
])('%s agrees with the original implementations', (_name, runtime) => {
  test.each(goldenNames)('%s', async (name) => {
    expect(await parityError(await loadGolden(name), runtime)).toBeLessThan(1e-5);
  });
});
