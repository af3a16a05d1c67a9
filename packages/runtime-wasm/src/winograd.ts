import type { Node } from '@atrous/graph';
import { padded, tileRows } from './kernels.ts';

/** Products of a tile of 2×2 outputs, each with a matrix of its own (Lavin and Gray 2016, F(2×2, 3×3)). */
export const matrices = 16;

/** They are read once for each band of tiles: as many as 256 channels to 256, beyond which small pictures gain nothing. */
const largestBytes = 4 * 1024 * 1024;
/** Of fewer channels, the picture's own above all, the additions cost more than the products save. */
const leastChannels = 16;

/** Whether a convolution is computed so: 3×3 of stride 1 and rate 1, where it is faster than a sum over patches (measured). */
export function isWinograd({ op }: Node, inputs: number, outputs: number): boolean {
  return (
    op.kind === 'conv2d' &&
    op.kernel.every((extent) => extent === 3) &&
    [...op.stride, ...op.dilation].every((step) => step === 1) &&
    Math.min(inputs, outputs) >= leastChannels &&
    matrices * padded(inputs) * padded(outputs) * 4 <= largestBytes
  );
}

/** G of F(2×2, 3×3). */
const rows = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
] as const;

/** G·g·Gᵀ of each pair of channels: [3,3,in,out] to [16,in,out]. */
export function winogradKernel(kernel: Float32Array, inputs: number, outputs: number): Float32Array {
  const size = inputs * outputs;
  const out = new Float32Array(matrices * size);
  for (let m = 0; m < matrices; m++) {
    const [down, across] = [rows[m >> 2], rows[m & 3]];
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let tap = 0; tap < 9; tap++)
        sum += down[Math.floor(tap / 3)] * across[tap % 3] * kernel[tap * size + i];
      out[m * size + i] = sum;
    }
  }
  return out;
}

/** How tiles lie in scratch: zeros, which padding is read from and products begin with, then both sides of the products. */
export interface WinogradBand {
  /** Tiles at a time. */
  readonly tiles: number;
  readonly bytes: number;
}

const bandBytes = 384 * 1024;

/** @param inputs channels, as they lie in memory, as `outputs` */
export function winogradBand(inputs: number, outputs: number): WinogradBand {
  const tileBytes = matrices * (inputs + outputs) * 4;
  const tiles = tileRows * Math.min(16, Math.max(2, Math.floor(bandBytes / tileBytes / tileRows)));
  return { tiles, bytes: zeroBytes(inputs, outputs) + tiles * tileBytes };
}

export const zeroBytes = (inputs: number, outputs: number): number => Math.max(inputs, outputs) * 4;
