import type { ResizeConvention } from '@atrous/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';
import { type AxisMatrices, multiplyAxes, poolMatrices, resizeMatrices } from '../axis_products.ts';
import type { Tf } from '../tf.ts';
import { differentiate, sumPixels, sumPlane } from './differentiate.ts';

/** Adds a bias [C] to every pixel. */
export function addBias(tf: Tf, x: Tensor, bias: Tensor): Tensor {
  return differentiate(
    tf,
    ([value, b]) => ({
      value: tf.add(value, b),
      gradients: (dy) => [() => tf.clone(dy), () => sumPixels(tf, dy)],
    }),
    [x, bias],
    [false, false],
  );
}

/** a + b, of one shape. */
export function add(tf: Tf, a: Tensor, b: Tensor): Tensor {
  return differentiate(
    tf,
    ([left, right]) => ({
      value: tf.add(left, right),
      gradients: (dy) => [() => tf.clone(dy), () => tf.clone(dy)],
    }),
    [a, b],
    [false, false],
  );
}

/** a · b, of one shape, or with a number of `b` for each channel of `a`. */
export function multiply(tf: Tf, a: Tensor, b: Tensor): Tensor {
  const isPerChannel = a.size > b.size;
  return differentiate(
    tf,
    ([left, right]) => ({
      value: tf.mul(left, right),
      gradients: (dy, [left, right]) => [
        () => tf.mul(dy, right),
        () => (isPerChannel ? sumPlane(tf, tf.mul(dy, left)) : tf.mul(dy, left)),
      ],
    }),
    [a, b],
    [false, false],
  );
}

/** x · factor. */
export function scale(tf: Tf, x: Tensor, factor: number): Tensor {
  return differentiate(
    tf,
    ([value]) => ({ value: tf.mul(value, factor), gradients: (dy) => [() => tf.mul(dy, factor)] }),
    [x],
    [false],
  );
}

/** One beside the other, by channels. */
export function concat(tf: Tf, inputs: readonly Tensor[]): Tensor {
  const depths = inputs.map(({ shape }) => shape[shape.length - 1]);
  const offsets = depths.map((_, i) => depths.slice(0, i).reduce((sum, depth) => sum + depth, 0));
  return differentiate(
    tf,
    (values) => ({
      value: tf.concat([...values], -1),
      gradients: (dy) =>
        depths.map((depth, i) => () => {
          const begin = [...dy.shape.slice(1).map(() => 0), offsets[i]];
          return tf.slice(dy, begin, [...dy.shape.slice(0, -1), depth]);
        }),
    }),
    inputs,
    inputs.map(() => false),
  );
}

/** `rows · x · columnsᵀ` with matrices that are made again on the way back, so that they need not be kept. */
function alongAxes(tf: Tf, x: Tensor, matrices: () => AxisMatrices): Tensor {
  const turned = ({ rows, columns }: AxisMatrices) =>
    ({ rows: tf.transpose(rows), columns: tf.transpose(columns) }) as AxisMatrices;
  return differentiate(
    tf,
    ([value]) => ({
      value: multiplyAxes(tf, value, matrices()),
      gradients: (dy) => [() => multiplyAxes(tf, dy, turned(matrices()))],
    }),
    [x],
    [false],
  );
}

/** Bilinear resize in every convention. */
export function resize(
  tf: Tf,
  x: Tensor,
  size: readonly [height: number, width: number],
  convention: ResizeConvention,
): Tensor {
  if (x.shape[1] === size[0] && x.shape[2] === size[1]) return x;
  return alongAxes(tf, x, () => resizeMatrices(tf, x.shape, size, convention));
}

/** Means over parts of the picture. */
export function adaptiveAverage(
  tf: Tf,
  x: Tensor,
  to: { readonly height: number; readonly width: number },
): Tensor {
  return alongAxes(tf, x, () => poolMatrices(tf, x.shape, to));
}

/** Mean over height and width: [N,C], or [N,1,1,C]. */
export function globalAverage(tf: Tf, x: Tensor, isFlat: boolean): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return differentiate(
    tf,
    ([value]) => ({
      value: tf.mean(value, [1, 2], !isFlat),
      gradients: (dy) => [
        () => tf.tile(tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]), [1, height, width, 1]),
      ],
    }),
    [x],
    [false],
  );
}
