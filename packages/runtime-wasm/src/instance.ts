import { AtrousError } from '@atrous/tensor';
import type { Kernels } from './kernels.ts';

export const page = 65536;
/** Of a 32-bit memory. */
export const largestPages = 65536;

/** @throws AtrousError `unavailable`: another runtime may do */
export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  try {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    return exports as unknown as Kernels;
  } catch (cause) {
    throw new AtrousError('unavailable', `wasm: the kernels do not start here: ${String(cause)}`, { cause });
  }
}

/** @throws AtrousError `memory` */
export function growMemory(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / page);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    const megabytes = Math.ceil(bytes / 2 ** 20);
    throw new AtrousError(
      'memory',
      `wasm: cannot grow WebAssembly memory to ${megabytes} MB: try a smaller picture`,
      {
        cause,
      },
    );
  }
}
