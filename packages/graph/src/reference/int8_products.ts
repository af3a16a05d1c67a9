import { type Int8Kernel, int8Row, int8Sums } from '../int8.ts';
import type { Conv2d } from '../ops/conv2d.ts';
import type { Dense } from '../ops/dense.ts';
import type { Arguments } from './arguments.ts';
import { forEachTap } from './convolution.ts';

type Product = Omit<Arguments, 'weights'> & { readonly kernel: Int8Kernel; readonly bias?: Float32Array };

/**
 * One row times all columns: whole numbers, then float32 step by step:
 * (sum − zero · Σ weights) · (scale of the row · scale of the column) + bias.
 */
function rowProduct(
  row: Float32Array,
  { values: weights, scales }: Int8Kernel,
  sums: Int32Array,
  bias: Float32Array | undefined,
  out: Float32Array,
): void {
  const { values, scale, zero } = int8Row(row);
  const channels = scales.length;
  const totals = new Int32Array(channels);
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (value !== 0) for (let c = 0; c < channels; c++) totals[c] += value * weights[k * channels + c];
  }
  for (let c = 0; c < channels; c++) {
    const total = Math.fround(totals[c] - zero * sums[c]);
    out[c] = Math.fround(total * Math.fround(scale * scales[c])) + (bias ? bias[c] : 0);
  }
}

/** A convolution in 8 bits: each output pixel's patch is a row, with zeros where it reaches into padding. */
export function int8Conv2d(op: Conv2d, { inputs: [input], kernel, bias, output }: Product): void {
  const data = input.data as Float32Array;
  const channels = input.shape[3];
  const row = new Float32Array(op.kernel[0] * op.kernel[1] * channels);
  const sums = int8Sums(kernel);
  forEachTap(op, input.shape, output.shape, {
    tap(pixel, ky, kx) {
      const at = (ky * op.kernel[1] + kx) * channels;
      row.set(data.subarray(pixel * channels, (pixel + 1) * channels), at);
    },
    done(pixel) {
      const out = (output.data as Float32Array).subarray(pixel * op.channels, (pixel + 1) * op.channels);
      rowProduct(row, kernel, sums, bias, out);
      row.fill(0);
    },
  });
}

/** A dense layer in 8 bits: each picture is a row. */
export function int8Dense(op: Dense, { inputs: [input], kernel, bias, output }: Product): void {
  const [batch, channels] = input.shape;
  const sums = int8Sums(kernel);
  for (let n = 0; n < batch; n++) {
    const row = (input.data as Float32Array).subarray(n * channels, (n + 1) * channels);
    const out = (output.data as Float32Array).subarray(n * op.units, (n + 1) * op.units);
    rowProduct(row, kernel, sums, bias, out);
  }
}
