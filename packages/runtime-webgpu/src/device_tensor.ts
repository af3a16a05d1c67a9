import {
  AtrousError,
  allocate,
  type DeviceTensor,
  sizeOf,
  type Tensor,
  type TensorSpec,
  tensor,
} from '@atrous/tensor';
import type { Buffers } from './buffers.ts';
import type { Host } from './host.ts';
import { deviceBytes, strideOf } from './plan/sizes.ts';

/** Where a value of ours lies. */
interface Backing {
  readonly host: Host;
  readonly buffer: GPUBuffer;
}

const backings = new WeakMap<DeviceTensor, Backing>();

/** The buffer of a value on this device; undefined for one of another device or runtime, and for one that is gone, whose `read` says so. */
export function bufferOn(host: Host, value: DeviceTensor): GPUBuffer | undefined {
  const backing = backings.get(value);
  return backing?.host === host && host.lost === undefined ? backing.buffer : undefined;
}

/** A value in a buffer of its own, which `dispose` frees. */
export function deviceTensor(
  host: Host,
  buffers: Buffers,
  buffer: GPUBuffer,
  spec: TensorSpec,
): DeviceTensor {
  let isDisposed = false;
  const value: DeviceTensor = {
    spec,
    async read() {
      if (isDisposed) throw new AtrousError('disposed', 'this value was disposed of: run the network again');
      const [read] = await readBack(host, buffers, [{ buffer, spec }]);
      return read;
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      backings.delete(value);
      buffers.free(buffer);
    },
  };
  backings.set(value, { host, buffer });
  return value;
}

/** Channels as kernels read them: padded to vectors of four. */
export function packValue({ dtype, shape, data }: Tensor): Float32Array<ArrayBuffer> {
  const channels = shape[shape.length - 1];
  const stride = strideOf({ dtype, shape });
  if (channels === stride) return Float32Array.from(data);
  const packed = new Float32Array((data.length / channels) * stride);
  for (let from = 0, to = 0; from < data.length; from += channels, to += stride)
    for (let c = 0; c < channels; c++) packed[to + c] = data[from + c];
  return packed;
}

/** What a kernel wrote, as a tensor. */
function unpackValue({ dtype, shape }: TensorSpec, bytes: ArrayBuffer): Tensor {
  const size = sizeOf(shape);
  if (dtype !== 'float32') {
    const ids = allocate(dtype, size);
    ids.set(new Uint32Array(bytes, 0, size));
    return { dtype, shape, data: ids };
  }
  const channels = shape[shape.length - 1];
  const stride = strideOf({ dtype, shape });
  if (channels === stride) return tensor(dtype, shape, new Float32Array(bytes, 0, size));
  const packed = new Float32Array(bytes);
  const data = new Float32Array(size);
  for (let from = 0, to = 0; to < size; from += stride, to += channels)
    for (let c = 0; c < channels; c++) data[to + c] = packed[from + c];
  return tensor(dtype, shape, data);
}

/** Copies values from the device, all of them in one go. */
export async function readBack(
  host: Host,
  buffers: Buffers,
  values: readonly { readonly buffer: GPUBuffer; readonly spec: TensorSpec }[],
): Promise<Tensor[]> {
  const sources = values.map(({ buffer, spec }) => ({ buffer, bytes: deviceBytes(spec) }));
  const bytes = await readBytes(host, buffers, sources);
  return values.map(({ spec }, i) => unpackValue(spec, bytes[i]));
}

/** The first bytes of buffers, copied from the device. */
export async function readBytes(
  host: Host,
  buffers: Buffers,
  sources: readonly { readonly buffer: GPUBuffer; readonly bytes: number }[],
): Promise<ArrayBuffer[]> {
  const staging: GPUBuffer[] = [];
  host.counts.readBacks++;
  try {
    await host.checked('results', () => {
      const encoder = host.device.createCommandEncoder();
      for (const { buffer, bytes } of sources) {
        const target = buffers.create(bytes, 'read', 'a result');
        staging.push(target);
        encoder.copyBufferToBuffer(buffer, 0, target, 0, bytes);
      }
      host.device.queue.submit([encoder.finish()]);
    });
    await host.orLost(Promise.all(staging.map((target) => target.mapAsync(0x1)))); // MAP_READ
    return staging.map((target, i) => {
      const bytes = target.getMappedRange(0, target.size).slice(0, sources[i].bytes);
      target.unmap();
      return bytes;
    });
  } finally {
    for (const target of staging) buffers.free(target);
  }
}
