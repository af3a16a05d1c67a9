import type { RuntimeSet } from '@atrous/graph';
import type { WebGpuOptions } from './device.ts';
import { setOf } from './set.ts';

export type { GpuDevice, WebGpuOptions } from './device.ts';

/**
 * Our engine on WebGPU for `runtimes` of the segmenter and the encoder; it needs the package `webgpu`.
 * @param own options for all that is loaded
 * @example Segmenter.load('people', { runtimes: [webgpu()], runtime: 'webgpu' })
 */
export function webgpu(own: WebGpuOptions = {}): RuntimeSet {
  return setOf(async () => (await import('./runtime_node.ts')).webgpuRuntime(own));
}
