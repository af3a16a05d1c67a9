import type { RuntimeSet } from '@atrous/graph';
import type { NativeOptions } from './native.ts';
import type { WebOptions } from './web.ts';

export * from './index.ts';
export type { NativeOptions, WebOptions };

/**
 * onnxruntime for `runtimes` of the segmenter and the encoder: `onnx:native`, which needs onnxruntime-node, and `onnx:wasm`.
 * @param own options for all that is loaded; those of a load are above them
 * @example Segmenter.load('people', { runtimes: [onnx()], runtime: 'onnx' })
 */
export function onnx(own: WebOptions & NativeOptions = {}): RuntimeSet {
  return {
    'onnx:native': async (options) => (await import('./native.ts')).onnxNative({ ...own, ...options }),
    'onnx:wasm': async (options) => (await import('./wasm_node.ts')).onnxWasm({ ...own, ...options }),
  };
}
