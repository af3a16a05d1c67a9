import type { Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, messageOf } from '@atrous/tensor';
import { loadSession, type Provider, sessionOptions } from './session.ts';
import { configure, namingFile, type WebOptions } from './web.ts';

export interface WebGpuOptions extends WebOptions {
  /** Software adapters are right but slower than WASM: only tests want one. @default false */
  readonly allowSoftware?: boolean;
}

const softwareArchitectures = /swiftshader|llvmpipe|lavapipe|warp/i;

/** The adapter, or why there is none. */
async function findAdapter(allowSoftware: boolean): Promise<GPUAdapter | { reason: string }> {
  if (!globalThis.navigator?.gpu)
    return { reason: 'this browser has no WebGPU (or the page is not served over https)' };
  const adapter = await navigator.gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch((error) => {
      return { reason: `WebGPU gives no adapter: ${messageOf(error)}` };
    });
  if (!adapter) return { reason: 'WebGPU gives no adapter: no GPU, or it is on the block list' };
  if ('reason' in adapter || allowSoftware) return adapter;
  const { architecture, description, isFallbackAdapter } = adapter.info;
  const isSoftware = isFallbackAdapter || softwareArchitectures.test(`${architecture} ${description}`);
  return isSoftware ? { reason: `the only WebGPU adapter is a software one (${architecture})` } : adapter;
}

/** onnxruntime-web on WebGPU. */
export function onnxWebGpu(options: WebGpuOptions = {}): Runtime {
  const { allowSoftware = false, threads } = options;
  checkThreads(threads);
  let provider: Promise<Provider> | undefined;

  const open = async (): Promise<Provider> => {
    const ort = await import('onnxruntime-web/webgpu').catch((error) => {
      throw new AtrousError('unavailable', `onnxruntime-web cannot be loaded: ${messageOf(error)}`, {
        cause: error,
      });
    });
    configure(ort.env, options);
    return { ort, options: { executionProviders: ['webgpu'], ...sessionOptions } };
  };
  /** onnxruntime has its device once a session exists. */
  const watchDevice = async ({ ort }: Provider): Promise<{ reason: string }> => {
    const { env } = ort as unknown as { env: { webgpu: { device: Promise<GPUDevice> } } };
    const device = await env.webgpu.device;
    const { reason, message } = await device.lost;
    provider = undefined;
    return { reason: message || reason };
  };

  return {
    name: 'onnx:webgpu',
    async available() {
      const adapter = await findAdapter(allowSoftware);
      return 'reason' in adapter ? adapter : true;
    },
    async load(model, loadOptions) {
      const adapter = await findAdapter(allowSoftware);
      if ('reason' in adapter) throw new AtrousError('unavailable', `onnx:webgpu: ${adapter.reason}`);
      provider ??= open();
      const opened = await provider;
      let resolveLost: (lost: { reason: string }) => void = () => {};
      const lost = new Promise<{ reason: string }>((resolve) => {
        resolveLost = resolve;
      });
      const session = await loadSession(model, { ...opened, lost }, loadOptions).catch((error) =>
        namingFile(error, options),
      );
      watchDevice(opened).then(resolveLost, () => {});
      return session;
    },
  };
}
