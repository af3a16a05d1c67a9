import { countTaps, type OpOf, type Padding, type Pair } from '@atrous/graph';
import { boundPadding } from '@atrous/graph/lowering';
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
