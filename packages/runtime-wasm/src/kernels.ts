import type { EpilogueActivation } from '@atrous/graph/lowering';

/** What the modules export. Pointers and strides are bytes, channels are padded to multiples of 8. See `assembly/`. */
export interface Kernels {
  // biome-ignore format: a table of signatures
  matmul(a: number, aStride: number, rows: number, k: number, b: number, bias: number, panels: number, c: number, cStride: number, residual: number, residualStride: number, activation: number, form: number): void;
  // biome-ignore format: a table of signatures
  matmulInt8(a: number, aStride: number, rows: number, k: number, b: number, columns: number, panels: number, c: number, cStride: number, residual: number, residualStride: number, activation: number, form: number, one: number): void;
  quantize(
    input: number,
    stride: number,
    rows: number,
    taps: number,
    channels: number,
    depth: number,
    out: number,
    outStride: number,
  ): void;
  // biome-ignore format: a table of signatures
  depthwise(input: number, pixel: number, height: number, width: number, weights: number, bias: number, channels: number, kernelHeight: number, kernelWidth: number, strideY: number, strideX: number, rateY: number, rateX: number, padTop: number, padLeft: number, out: number, outStride: number, outWidth: number, begin: number, end: number, activation: number, rectify: number): void;
  // biome-ignore format: a table of signatures
  gather(input: number, pixel: number, height: number, width: number, channels: number, kernelHeight: number, kernelWidth: number, strideY: number, strideX: number, rateY: number, rateX: number, padTop: number, padLeft: number, out: number, outWidth: number, begin: number, end: number): void;
  // biome-ignore format: a table of signatures
  winogradInput(input: number, pixel: number, height: number, width: number, channels: number, padTop: number, padLeft: number, zeros: number, out: number, tilesWide: number, begin: number, end: number): void;
  // biome-ignore format: a table of signatures
  winogradOutput(products: number, channels: number, bias: number, residual: number, residualStride: number, out: number, outStride: number, height: number, width: number, tilesWide: number, begin: number, end: number, activation: number): void;
  // biome-ignore format: a table of signatures
  pool(input: number, pixel: number, height: number, width: number, channels: number, kernelHeight: number, kernelWidth: number, strideY: number, strideX: number, padTop: number, padLeft: number, out: number, outStride: number, outWidth: number, begin: number, end: number, kind: number): void;
  // biome-ignore format: a table of signatures
  adaptivePool(input: number, pixel: number, height: number, width: number, channels: number, out: number, outStride: number, outHeight: number, outWidth: number, begin: number, end: number): void;
  globalAverage(input: number, pixel: number, count: number, out: number, begin: number, end: number): void;
  // biome-ignore format: a table of signatures
  resize(input: number, pixel: number, width: number, channels: number, rows: number, outHeight: number, columns: number, outWidth: number, out: number, outStride: number, begin: number, end: number): void;
  // biome-ignore format: a table of signatures
  affine(input: number, stride: number, scale: number, shift: number, channels: number, out: number, outStride: number, count: number, activation: number): void;
  // biome-ignore format: a table of signatures
  add(a: number, aStride: number, b: number, bStride: number, channels: number, out: number, outStride: number, count: number, activation: number): void;
  // biome-ignore format: a table of signatures
  multiply(a: number, aStride: number, b: number, bStride: number, channels: number, out: number, outStride: number, count: number, activation: number): void;
  elu(input: number, stride: number, channels: number, out: number, outStride: number, count: number): void;
  copy(input: number, stride: number, channels: number, out: number, outStride: number, count: number): void;
  zero(channels: number, out: number, outStride: number, count: number): void;
  softmax(
    input: number,
    stride: number,
    channels: number,
    out: number,
    outStride: number,
    count: number,
  ): void;
  argMax(input: number, stride: number, channels: number, out: number, isByte: number, count: number): void;
  // biome-ignore format: a table of signatures
  stretchRow(row: number, classes: number, columns: number, tableWidth: number, left: number, width: number, out: number): void;
  // biome-ignore format: a table of signatures
  labelRow(above: number, below: number, fraction: number, classes: number, width: number, scratch: number, labels: number, isByte: number, confidence: number): void;
  /** Goes on with the sums of words at `sums`, 32 bytes. */
  checksum(from: number, bytes: number, sums: number): void;
  /** `count` rounds of 10 multiply-adds of 4 lanes in registers: 80 operations each. */
  peak(count: number, scale: number, shift: number): number;
}

/** Channels as they lie in memory: inner loops have no tails. The gap holds zeros, or what an activation makes of one: weights of 0 meet it. */
export const padded = (channels: number): number => Math.ceil(channels / 8) * 8;

/** Bytes before the numbers of a row in 7 bits: its scale and its zero. */
export const rowHeader = 16;
/** Bytes of the constants of a panel of 8-bit weights: 8 biases, 8 scales, 8 sums of weights. */
export const columnBytes = 96;

/** Rows of a tile of the matrix product, in most of its forms. */
export const tileRows = 6;

export const activationCodes: Readonly<Record<EpilogueActivation, number>> = {
  none: 0,
  relu: 1,
  relu6: 2,
  hardsigmoid: 3,
  hardswish: 4,
};

/** Kinds of pools: of means, that over what lies inside and that which counts padding as zeros. */
export const poolCodes = { mean: 0, max: 1, 'mean with padding': 2 } as const;
export type PoolKind = keyof typeof poolCodes;
