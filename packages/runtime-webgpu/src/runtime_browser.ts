import type { GpuInfo, WebGpuOptions } from './device.ts';
import { runtimeFor, type WebGpuRuntime } from './runtime.ts';

export type { GpuDevice, GpuInfo, WebGpuOptions } from './device.ts';
export type { WebGpuRuntime } from './runtime.ts';
export type { WebGpuSession } from './session.ts';

const platform = runtimeFor(async () => {
  const gpu = globalThis.navigator?.gpu;
  return gpu ?? { reason: 'this browser has no WebGPU (or the page is not served over https)' };
});

/** The runtime itself, for sessions whose values stay on the GPU. */
export const webgpuRuntime: (options?: WebGpuOptions) => WebGpuRuntime = platform.webgpuRuntime;

/** The GPU that sessions without a device of the app's would use, or why there is none. */
export const gpuInfo: () => Promise<GpuInfo | { readonly reason: string }> = platform.gpuInfo;
