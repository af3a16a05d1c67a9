import { computes, type LoadOptions, type Model, type Runtime } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import {
  acquireFor,
  type BringGpu,
  checkOptions,
  describeGpu,
  findGpu,
  type GpuInfo,
  gpuAvailable,
  sharedDevice,
  type WebGpuOptions,
} from './device.ts';
import type { Host } from './host.ts';
import { loadSession, type WebGpuSession } from './session.ts';

/** Our own engine on the GPU. */
export interface WebGpuRuntime extends Runtime {
  load(model: Model, options?: LoadOptions): Promise<WebGpuSession>;
}

/** What products in 8 bits are made of. */
const int8Feature = 'packed_4x8_integer_dot_product';

/** @throws AtrousError `unsupported` where WGSL has no products of 8 bits */
async function expectInt8(bring: BringGpu): Promise<void> {
  const gpu = await bring();
  if ('reason' in gpu || gpu.wgslLanguageFeatures?.has(int8Feature)) return; // without WebGPU loading says why
  throw new AtrousError(
    'unsupported',
    `webgpu: compute 'int8' needs ${int8Feature} of WGSL, which this WebGPU lacks: take 'float32' or 'float16'`,
  );
}

/** The functions of a platform, which brings WebGPU in its own way. */
export function runtimeFor(bring: BringGpu): {
  readonly webgpuRuntime: (options?: WebGpuOptions) => WebGpuRuntime;
  readonly gpuInfo: () => Promise<GpuInfo | { readonly reason: string }>;
} {
  const shared = sharedDevice(bring);
  const webgpuRuntime = (options: WebGpuOptions = {}): WebGpuRuntime => {
    checkOptions(options);
    const acquire = acquireFor(bring, shared, options);
    const told = new WeakSet<Host>();
    return {
      name: 'webgpu',
      computes,
      autoComputes: ['float32'], // what 8 bits gain differs by GPU, and was not measured on one
      available: () => gpuAvailable(bring, options),
      async describe() {
        if (options.device) return 'a device of the app';
        const gpu = await findGpu(bring);
        return 'reason' in gpu ? undefined : describeGpu(gpu);
      },
      async load(model, loadOptions) {
        if (loadOptions?.compute === 'int8') await expectInt8(bring);
        return loadSession(model, acquire, loadOptions, (host) => {
          if (told.has(host)) return; // by another session of it
          told.add(host);
          options.onLost?.(host.lost ?? 'unknown');
        });
      },
    };
  };
  return {
    webgpuRuntime,
    gpuInfo: () => findGpu(bring),
  };
}
