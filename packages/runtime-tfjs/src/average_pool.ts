import { boundPadding, type OpOf, type Padding, type Pair } from '@atrous/graph';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf.ts';

type Pads = [[number, number], [number, number], [number, number], [number, number]];

/** Four numbers as TensorFlow.js pads NHWC. */
export const padsOf = (padding: Padding): Pads => {
  const [top, bottom, left, right] = boundPadding(padding);
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
};
/** A pair that TensorFlow.js takes. */
export const pair = ([a, b]: Pair): [number, number] => [a, b];
export const isPadded = (padding: Padding): boolean => boundPadding(padding).some((pad) => pad > 0);

/** How many pixels that are no padding each window sees, by row and by column. */
function countTaps(op: OpOf<'pool'>, height: number, width: number): { rows: number[]; columns: number[] } {
  const [top, bottom, left, right] = boundPadding(op.padding);
  const along = (size: number, kernel: number, stride: number, before: number, after: number) =>
    Array.from({ length: Math.floor((size + before + after - kernel) / stride) + 1 }, (_, i) => {
      const begin = i * stride - before;
      return Math.min(begin + kernel, size) - Math.max(begin, 0);
    });
  return {
    rows: along(height, op.kernel[0], op.stride[0], top, bottom),
    columns: along(width, op.kernel[1], op.stride[1], left, right),
  };
}

/**
 * What a mean over whole windows is multiplied by, so that padding does not count: [1,h,w,1]; undefined where it does,
 * or there is none.
 */
export function paddingCorrection(
  tf: Tf,
  op: OpOf<'pool'>,
  height: number,
  width: number,
): Tensor | undefined {
  if (op.countPadding || !isPadded(op.padding)) return undefined;
  const { rows, columns } = countTaps(op, height, width);
  const window = op.kernel[0] * op.kernel[1];
  const factors = rows.flatMap((row) => columns.map((column) => window / (row * column)));
  return tf.tensor4d(factors, [1, rows.length, columns.length, 1]);
}

/** The mean under each window of a bound pool. */
export function averagePool(tf: Tf, x: Tensor, op: OpOf<'pool'>): Tensor {
  const padded = isPadded(op.padding) ? tf.pad(x, padsOf(op.padding)) : x;
  const mean = tf.avgPool(padded as Tensor4D, pair(op.kernel), pair(op.stride), 'valid');
  const correction = paddingCorrection(tf, op, x.shape[1]!, x.shape[2]!);
  return correction ? tf.mul(mean, correction) : mean;
}
