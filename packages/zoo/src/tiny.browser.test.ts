import { goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { onnxWebGpu } from '@atrous/runtime-onnx/webgpu';
import { tfjsWebGl } from '@atrous/runtime-tfjs/webgl';
import { tfjsWebGpu } from '@atrous/runtime-tfjs/webgpu';
import { webgpuRuntime } from '@atrous/runtime-webgpu/runtime';
import asyncifyUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { expect, test } from 'vitest';
import { tinyModel } from './test_model.ts';

const here = (url: string) => new URL(url, location.href);

const runtimes = [
  [webgpuRuntime({ allowSoftware: true }), 1e-5],
  [onnxWasm({ wasm: here(wasmUrl) }), 1e-4],
  [onnxWebGpu({ wasm: here(asyncifyUrl), allowSoftware: true }), 1e-4],
  [tfjsWebGl(), 1e-3],
  [tfjsWebGpu(), 1e-3],
] as const;

test.each(runtimes.map(([runtime, tolerance]) => [runtime.name, runtime, tolerance] as const))(
  'a whole DeepLabV3+, narrow as can be, on %s equals the reference',
  async (_name, runtime, tolerance) => {
    const session = await runtime.load(tinyModel);
    for (const size of [
      [33, 49],
      [64, 40],
    ] as const) {
      const feeds = { image: goldenImage([1, ...size, 3]) };
      const [actual, expected] = [await session.run(feeds), await evaluate(tinyModel, feeds)];
      expect(relativeError(actual.logits, expected.logits)).toBeLessThan(tolerance);
    }
    await session.dispose();
  },
);
