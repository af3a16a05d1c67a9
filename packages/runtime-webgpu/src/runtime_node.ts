import { messageOf } from '@atrous/tensor';
import type { GpuInfo, WebGpuOptions } from './device.ts';
import { runtimeFor, type WebGpuRuntime } from './runtime.ts';

export type { GpuDevice, GpuInfo, WebGpuOptions } from './device.ts';
export type { WebGpuRuntime } from './runtime.ts';
export type { WebGpuSession } from './session.ts';

/** Not a word that bundlers can read: builds for servers would look for it, wanted or not. */
const packageName = 'webgpu';

let gpu: Promise<GPU | { readonly reason: string }> | undefined;

/** Dawn's WebGPU, an optional peer dependency, started once: devices live no longer than what made them. */
const platform = runtimeFor(async () => {
  if (globalThis.navigator?.gpu) return navigator.gpu;
  gpu ??= import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ packageName).then(
    ({ create }: { create: (flags: string[]) => GPU }) => create([]),
    (error) => ({
      reason: `webgpu is not installed or does not load (npm install webgpu): ${messageOf(error)}`,
    }),
  );
  return gpu;
});

/** The runtime itself, for sessions whose values stay on the GPU; it needs the package `webgpu`. */
export const webgpuRuntime: (options?: WebGpuOptions) => WebGpuRuntime = platform.webgpuRuntime;

/** The GPU that sessions without a device of the app's would use, or why there is none. */
export const gpuInfo: () => Promise<GpuInfo | { readonly reason: string }> = platform.gpuInfo;
