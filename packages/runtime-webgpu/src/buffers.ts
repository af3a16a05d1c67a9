import { AtrousError } from '@atrous/tensor';

/** WebGPU's numbers, which Node has no globals for. */
export type Usage = 'read' | 'uniform' | 'storage' | 'ranges';
const usages: Readonly<Record<Usage, number>> = {
  read: 0x1 | 0x8, // MAP_READ, COPY_DST
  uniform: 0x40 | 0x8, // UNIFORM, COPY_DST
  storage: 0x80 | 0x4 | 0x8, // STORAGE, COPY_SRC, COPY_DST
  ranges: 0x80 | 0x4 | 0x8, // of which no kernel reads more than a range
};

/** Buffers of one owner, counted. */
export interface Buffers {
  readonly bytes: number;
  readonly count: number;
  /** @throws AtrousError `memory` where the device takes no buffer of that size: nothing is made yet */
  expectFits(bytes: number, usage: Usage, what: string): void;
  /**
   * @param what for whom it is, for the error
   * @throws AtrousError `memory` where the device takes no buffer of that size
   */
  create(bytes: number, usage: Usage, what: string): GPUBuffer;
  free(buffer: GPUBuffer): void;
  freeAll(): void;
}

/** What a device holds in all. */
export interface Total {
  bytes: number;
  count: number;
}

export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** @param total of all owners of the device */
export function createBuffers(device: GPUDevice, total: Total): Buffers {
  const sizes = new Map<GPUBuffer, number>();
  let bytes = 0;
  const free = (buffer: GPUBuffer) => {
    const size = sizes.get(buffer);
    if (size === undefined) return;
    sizes.delete(buffer);
    buffer.destroy();
    bytes -= size;
    total.bytes -= size;
    total.count -= 1;
  };
  const roundUp = (wanted: number) => Math.max(16, Math.ceil(wanted / 16) * 16);
  const expectFits = (wanted: number, usage: Usage, what: string) => {
    const size = roundUp(wanted);
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    const most = usage === 'storage' ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (size <= most) return;
    throw new AtrousError(
      'memory',
      `webgpu: ${what} needs a buffer of ${megabytes(size)}, this GPU takes at most ${megabytes(most)}: try a smaller picture or a smaller network`,
    );
  };
  return {
    expectFits,
    get bytes() {
      return bytes;
    },
    get count() {
      return sizes.size;
    },
    create(wanted, usage, what) {
      expectFits(wanted, usage, what);
      const size = roundUp(wanted);
      const buffer = device.createBuffer({ size, usage: usages[usage] });
      sizes.set(buffer, size);
      bytes += size;
      total.bytes += size;
      total.count += 1;
      return buffer;
    },
    free,
    freeAll() {
      for (const buffer of [...sizes.keys()]) free(buffer);
    },
  };
}
