import { AtrousError, inWords, messageOf } from '@atrous/tensor';
import { checkDevice } from './check.ts';
import { type Host, hostOf } from './host.ts';

/** A `GPUDevice`, in so few words that whoever reads them needs no types of WebGPU. */
export interface GpuDevice {
  readonly features: { has(name: string): boolean };
  readonly limits: object;
  readonly queue: object;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  destroy(): void;
}

export interface WebGpuOptions {
  /**
   * A device of the app's own, or a function that makes one: it is asked again after a loss. It is never destroyed here.
   * @default one for the page or the process, shared by all sessions
   */
  readonly device?: GpuDevice | (() => Promise<GpuDevice>);
  /** Software adapters are right but slower than WASM: only tests want one. @default false */
  readonly allowSoftware?: boolean;
  /** Told why a device was lost, once for each, before its sessions begin again on another. */
  readonly onLost?: (reason: string) => void;
}

const isDevice = (given: unknown): given is GPUDevice =>
  typeof given === 'object' && given !== null && 'createBuffer' in given;

/** @throws AtrousError `input` for options that cannot be */
export function checkOptions({ device, allowSoftware, onLost }: WebGpuOptions): void {
  if (onLost !== undefined && typeof onLost !== 'function')
    throw new AtrousError('input', `onLost: expected a function, got ${inWords(onLost)}`);
  if (device !== undefined && typeof device !== 'function' && !isDevice(device)) {
    throw new AtrousError(
      'input',
      `device: expected a GPUDevice or a function that makes one, got ${inWords(device)}`,
    );
  }
  if (allowSoftware !== undefined && typeof allowSoftware !== 'boolean') {
    throw new AtrousError('input', `allowSoftware: expected true or false, got ${inWords(allowSoftware)}`);
  }
}

/** What is known of a GPU. */
export interface GpuInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly isSoftware: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** Brings WebGPU, or says why there is none. */
export type BringGpu = () => Promise<GPU | { readonly reason: string }>;

const softwareArchitectures = /swiftshader|llvmpipe|lavapipe|warp/i;
/** Limits that decide what runs: as large as the adapter has them. */
const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
] as const;

const wantedFeatures: readonly GPUFeatureName[] = ['subgroups'];

/** The adapter, or why there is none. */
async function findAdapter(bring: BringGpu): Promise<GPUAdapter | { reason: string }> {
  const gpu = await bring();
  if ('reason' in gpu) return gpu;
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch((error) => {
    return { reason: `WebGPU gives no adapter: ${messageOf(error)}` };
  });
  return adapter ?? { reason: 'WebGPU gives no adapter: no GPU, or it is on the block list' };
}

/** The GPU that sessions would use. */
export async function findGpu(bring: BringGpu): Promise<GpuInfo | { readonly reason: string }> {
  const adapter = await findAdapter(bring);
  return 'reason' in adapter ? adapter : infoOf(adapter);
}

function infoOf(adapter: GPUAdapter): GpuInfo {
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const isSoftware =
    isFallbackAdapter || softwareArchitectures.test(`${vendor} ${architecture} ${description}`);
  return {
    vendor,
    architecture,
    description,
    isSoftware,
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]])),
  };
}

/** A GPU in words. */
export function describeGpu({
  vendor,
  architecture,
  description,
  isSoftware,
  features,
  limits,
}: GpuInfo): string {
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'a GPU without a name';
  const sizes = Object.entries(limits).map(([limit, value]) => `${limit} ${value}`);
  return [`${name}${isSoftware ? ' (software)' : ''}`, ...sizes, `features ${features.join(' ')}`].join(', ');
}

/** Whether sessions can be loaded. */
export async function gpuAvailable(
  bring: BringGpu,
  { device, allowSoftware = false }: WebGpuOptions,
): Promise<true | { readonly reason: string }> {
  if (device) return true;
  const gpu = await findGpu(bring);
  if ('reason' in gpu) return gpu;
  if (!gpu.isSoftware || allowSoftware) return true;
  return { reason: `the only WebGPU adapter is a software one (${gpu.description || gpu.architecture})` };
}

/** A device of the app's. @throws AtrousError `unavailable` where it makes none */
async function ask(device: () => Promise<GpuDevice>): Promise<Host> {
  const given = await Promise.resolve()
    .then(device)
    .catch((error) => {
      throw new AtrousError('unavailable', `webgpu: the app makes no device: ${messageOf(error)}`, {
        cause: error,
      });
    });
  if (isDevice(given)) return hostOf(given);
  throw new AtrousError('input', `device: the function made ${inWords(given)}, expected a GPUDevice`);
}

/** The host of the device that was given, or of the one that is shared. */
export type Acquire = () => Promise<Host>;

/** One host for all who ask, and another when it is lost or there was none. */
function shareHost(open: () => Promise<Host>): Acquire {
  let current: Promise<Host> | undefined;
  return async () => {
    const before = current;
    const host = await before?.catch(() => undefined);
    if (host && host.lost === undefined) return host;
    if (current === before) current = open(); // else somebody else was faster
    return current!;
  };
}

/** The device of a page or process; a hardware one is checked before anybody has it, and one that computes wrong is not asked again. */
export function sharedDevice(bring: BringGpu): Acquire {
  let wrong: AtrousError | undefined;
  return shareHost(async () => {
    if (wrong) throw wrong;
    const adapter = await findAdapter(bring);
    if ('reason' in adapter) throw new AtrousError('unavailable', `webgpu: ${adapter.reason}`);
    const host = hostOf(await openDevice(adapter));
    if (infoOf(adapter).isSoftware) return host;
    try {
      await checkDevice(host);
    } catch (error) {
      if (error instanceof AtrousError && error.code === 'unavailable') wrong = error;
      host.device.destroy();
      throw error;
    }
    return host;
  });
}

async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
  try {
    return await adapter.requestDevice({ label: 'atrous', requiredLimits, requiredFeatures });
  } catch (cause) {
    const message = `webgpu: the adapter gives no device: ${messageOf(cause)}`;
    throw new AtrousError('unavailable', message, { cause });
  }
}

/** @param shared the device that is taken where none is given */
export function acquireFor(bring: BringGpu, shared: Acquire, options: WebGpuOptions): Acquire {
  const { device } = options;
  if (typeof device === 'function') return shareHost(() => ask(device));
  if (device) {
    return async () => {
      const host = hostOf(device as GPUDevice);
      if (host.lost === undefined) return host;
      throw new AtrousError(
        'device-lost',
        `webgpu: the device that was given is lost (${host.lost}): give another one, or a function that makes one`,
      );
    };
  }
  return async () => {
    const available = await gpuAvailable(bring, options);
    if (available !== true) throw new AtrousError('unavailable', `webgpu: ${available.reason}`);
    return shared();
  };
}
