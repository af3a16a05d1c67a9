import type { RuntimeSet } from '@atrous/graph';
import type { WebGpuOptions } from './webgpu.ts';

export * from './index.ts';
export type { WebGpuOptions };

/**
 * onnxruntime for `runtimes` of the segmenter and the encoder: `onnx:webgpu` and `onnx:wasm`.
 * @param own options for all that is loaded; those of a load are above them
 * @example Segmenter.load('/models/people/', { runtimes: [onnx()], runtime: 'onnx' })
 */
export function onnx(own: WebGpuOptions = {}): RuntimeSet {
  return {
    'onnx:webgpu': async (options) => (await import('./webgpu.ts')).onnxWebGpu({ ...own, ...options }),
    'onnx:wasm': async (options) => (await import('./wasm.ts')).onnxWasm({ ...own, ...options }),
  };
}
