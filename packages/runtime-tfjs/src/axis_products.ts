import { adaptiveWindow } from '@atrous/graph';
import { bilinearTaps, type ResizeConvention } from '@atrous/tensor';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from './tf.ts';

/** What is done along the rows and along the columns of a picture, as matrices [to, from]. */
export interface AxisMatrices {
  readonly rows: Tensor2D;
  readonly columns: Tensor2D;
}

/** A bilinear resize along one axis as a matrix [to, from]. */
export function bilinearMatrix(convention: ResizeConvention, from: number, to: number): Float32Array {
  const { lower, upper, fraction } = bilinearTaps(convention, from, to);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    matrix[i * from + lower[i]] += 1 - fraction[i];
    matrix[i * from + upper[i]] += fraction[i];
  }
  return matrix;
}

/** Means of the parts of one axis as a matrix [parts, extent]. */
export function meansMatrix(extent: number, parts: number): Float32Array {
  const matrix = new Float32Array(parts * extent);
  for (let part = 0; part < parts; part++) {
    const [begin, end] = adaptiveWindow(part, extent, parts);
    matrix.fill(1 / (end - begin), part * extent + begin, part * extent + end);
  }
  return matrix;
}

/** Both axes' matrices of an adaptive pool. The caller disposes, or is in a tidy. */
export function poolMatrices(
  tf: Tf,
  [, height, width]: readonly number[],
  to: { readonly height: number; readonly width: number },
): AxisMatrices {
  return {
    rows: tf.tensor2d(meansMatrix(height, to.height), [to.height, height]),
    columns: tf.tensor2d(meansMatrix(width, to.width), [to.width, width]),
  };
}

/** Both axes' matrices of a resize. The caller disposes, or is in a tidy. */
export function resizeMatrices(
  tf: Tf,
  shape: readonly number[],
  [height, width]: readonly [number, number],
  convention: ResizeConvention,
): AxisMatrices {
  return {
    rows: tf.tensor2d(bilinearMatrix(convention, shape[1], height), [height, shape[1]]),
    columns: tf.tensor2d(bilinearMatrix(convention, shape[2], width), [width, shape[2]]),
  };
}

/**
 * rows · x · columnsᵀ for x [N,h,w,C]: two plain matrix products, the transposes between them steps of their own, for
 * products in batches and products that transpose are slow on WASM.
 */
export function multiplyAxes(tf: Tf, x: Tensor, { rows, columns }: AxisMatrices): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [tall, wide] = [rows.shape[0], columns.shape[0]];
  const across = tf.reshape(tf.transpose(x, [2, 1, 0, 3]), [width, height * batch * channels]) as Tensor2D;
  const wider = tf.reshape(tf.matMul(columns, across), [wide, height, batch * channels]);
  const down = tf.reshape(tf.transpose(wider, [1, 0, 2]), [height, wide * batch * channels]) as Tensor2D;
  const taller = tf.reshape(tf.matMul(rows, down), [tall, wide, batch, channels]);
  return batch === 1 ? tf.reshape(taller, [1, tall, wide, channels]) : tf.transpose(taller, [2, 0, 1, 3]);
}

/**
 * Bilinear resize as two matrix products: the same in every convention on every backend, and what a gradient can be
 * made of (theirs leaves half-pixel centres out).
 */
export function resizeBilinear(
  tf: Tf,
  x: Tensor,
  size: readonly [height: number, width: number],
  convention: ResizeConvention,
): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  if (height === size[0] && width === size[1]) return tf.clone(x);
  if (height === 1 && width === 1) return tf.tile(x, [1, size[0], size[1], 1]);
  return tf.tidy(() => multiplyAxes(tf, x, resizeMatrices(tf, x.shape, size, convention)));
}
