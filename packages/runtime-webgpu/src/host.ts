import { AtrousError, messageOf } from '@atrous/tensor';
import type { Total } from './buffers.ts';
import type { Kernel } from './kernels/kernel.ts';
import { lanes } from './kernels/sums.ts';

/** A device and what sessions on it share. */
export interface Host {
  readonly device: GPUDevice;
  /** Threads of its subgroups; 0 where it has none. */
  readonly sharing: number;
  /** The most bytes that a kernel reads of a buffer. */
  readonly mostBytes: number;
  /** All buffers of all sessions and values on it. */
  readonly total: Total;
  /** Textures that are there, and how often anything was read back. */
  readonly counts: { textures: number; readBacks: number };
  /** Why the device is gone; undefined while it is there. */
  readonly lost: string | undefined;
  /** How much cost goes into a slice of some milliseconds, as measured. */
  pace: number;
  /** Compiled once per device, away from the thread that asks. @throws AtrousError `runtime` */
  pipeline(kernel: Kernel): Promise<GPUComputePipeline>;
  /** @throws AtrousError `device-lost` when the device goes before the promise settles */
  orLost<T>(promise: Promise<T>): Promise<T>;
  /**
   * Does something with the device and waits for what the device says of it.
   * @throws AtrousError `memory` or `runtime`
   */
  checked<T>(what: string, task: () => T): Promise<T>;
}

/** Of a slice in multiply-adds before anything is measured: a millisecond of a small GPU. */
const firstPace = 5e7;

const hosts = new WeakMap<GPUDevice, Host>();

/** What sessions on a device share. */
export function hostOf(device: GPUDevice): Host {
  const known = hosts.get(device);
  if (known) return known;
  const subgroups = device.features.has('subgroups');
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  const waiting = new Set<(error: AtrousError) => void>();
  let lost: string | undefined;
  const lostError = () => new AtrousError('device-lost', `webgpu: the GPU device was lost (${lost})`);
  device.lost.then(({ reason, message }) => {
    lost = message || reason || 'unknown';
    for (const reject of waiting) reject(lostError());
    waiting.clear();
  });
  const host: Host = {
    device,
    sharing: subgroups ? Math.min(lanes, device.adapterInfo?.subgroupMaxSize || lanes) : 0,
    mostBytes: Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize),
    total: { bytes: 0, count: 0 },
    counts: { textures: 0, readBacks: 0 },
    get lost() {
      return lost;
    },
    pace: firstPace,
    pipeline({ key, code }) {
      const compiled = pipelines.get(key) ?? compile(host, key, code(subgroups));
      pipelines.set(key, compiled);
      compiled.catch(() => pipelines.delete(key));
      return host.orLost(compiled);
    },
    async orLost(promise) {
      if (lost !== undefined) throw lostError();
      let reject: (error: AtrousError) => void = () => {};
      const gone = new Promise<never>((_resolve, rejectGone) => {
        reject = rejectGone;
      });
      waiting.add(reject);
      try {
        return await Promise.race([promise, gone]);
      } catch (error) {
        // What a lost device rejects may come before the loss itself.
        if (lost === undefined) await Promise.race([device.lost, afterMoment()]);
        throw lost === undefined ? error : lostError();
      } finally {
        waiting.delete(reject);
      }
    },
    async checked(what, task) {
      device.pushErrorScope('out-of-memory');
      device.pushErrorScope('validation');
      let value: ReturnType<typeof task>;
      let answers: Promise<(GPUError | null)[]>;
      try {
        value = task();
      } finally {
        answers = Promise.all([device.popErrorScope(), device.popErrorScope()]);
      }
      const [invalid, full] = await host.orLost(answers);
      if (full)
        throw new AtrousError('memory', `webgpu: ${what}: the GPU has no memory left: ${full.message}`);
      if (invalid) throw new AtrousError('runtime', `webgpu: ${what}: ${invalid.message}`);
      return value;
    },
  };
  hosts.set(device, host);
  return host;
}

const afterMoment = () => new Promise((resolve) => setTimeout(resolve, 100));

async function compile({ device, checked }: Host, key: string, code: string): Promise<GPUComputePipeline> {
  try {
    const module = await checked('its code', () => device.createShaderModule({ label: key, code }));
    const descriptor: GPUComputePipelineDescriptor = { label: key, layout: 'auto', compute: { module } };
    return await device.createComputePipelineAsync(descriptor);
  } catch (error) {
    throw new AtrousError('runtime', `webgpu: the kernel "${key}" does not compile: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
