import type { LoadOptions, Model, Runtime } from '@atrous/graph';
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
import { loadSession, type WebGpuSession } from './session.ts';

/** Our own engine on the GPU. */
export interface WebGpuRuntime extends Runtime {
  load(model: Model, options?: LoadOptions): Promise<WebGpuSession>;
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
    return {
      name: 'webgpu',
      available: () => gpuAvailable(bring, options),
      async describe() {
        if (options.device) return 'a device of the app';
        const gpu = await findGpu(bring);
        return 'reason' in gpu ? undefined : describeGpu(gpu);
      },
      async load(model, loadOptions) {
        if (loadOptions?.compute === 'int8')
          throw new AtrousError('unsupported', "webgpu: it computes in float32 alone: compute: 'float32'");
        return loadSession(model, acquire, loadOptions);
      },
    };
  };
  return {
    webgpuRuntime,
    gpuInfo: () => findGpu(bring),
  };
}
