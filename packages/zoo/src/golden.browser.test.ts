import { type Golden, type GoldenName, loadGolden } from '@atrous/golden';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { wasm } from '@atrous/runtime-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Held, holdGolden, oneOfEach, parityError } from './test_parity.ts';

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

const engines = [
  ['wasm, relaxed SIMD, two threads', wasm({ build: 'relaxed', threads: 2 })],
  ['wasm, SIMD128, one thread', wasm({ build: 'simd', threads: 1 })],
  ['onnx:wasm', onnx],
  ['tfjs:wasm', tfjs],
] as const;
/** Half a gigabyte of weights: one engine reads them here, all of them in golden_runtimes.test.ts. */
const isLarge = (name: GoldenName) => name.includes('vgg');

// Weights are filled, recognised and turned once for all engines.
describe.each(oneOfEach)('%s in a browser', (name) => {
  let golden: Golden | undefined;
  let held: Held | undefined;
  beforeAll(async () => {
    golden = await loadGolden(name);
    held = await holdGolden(golden);
  }, 120_000);
  afterAll(() => {
    held = undefined;
  });

  test.each(isLarge(name) ? engines.slice(0, 1) : engines)('on %s', async (_name, runtime) => {
    expect(await parityError(golden!, runtime, held)).toBeLessThan(1e-5);
  });
});
