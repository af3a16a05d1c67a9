import type { RuntimeSet } from '@atrous/graph';
import type { TfjsWasmOptions } from './wasm_backend.ts';

export * from './index.ts';
export type { TfjsWasmOptions };

/**
 * TensorFlow.js for `runtimes` of the segmenter and the encoder: `tfjs:wasm`, `tfjs:webgl`, `tfjs:webgpu` and `tfjs:cpu`.
 * @param own options for all that is loaded; those of a load are above them
 * @example Segmenter.load('/models/people/', { runtimes: [tfjs()], runtime: 'tfjs' })
 */
export function tfjs(own: TfjsWasmOptions = {}): RuntimeSet {
  return {
    'tfjs:wasm': async (options) => (await import('./wasm.ts')).tfjsWasm({ ...own, ...options }),
    'tfjs:webgl': async () => (await import('./webgl.ts')).tfjsWebGl(own),
    'tfjs:webgpu': async () => (await import('./webgpu.ts')).tfjsWebGpu(own),
    'tfjs:cpu': async () => (await import('./cpu.ts')).tfjsCpu(own),
  };
}
