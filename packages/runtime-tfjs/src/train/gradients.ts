import type { ResizeConvention } from '@atrous/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';
import { multiplyAxes, resizeMatrices } from '../resize.ts';
import type { Tf } from '../tf.ts';
import { differentiate, sumPixels } from './differentiate.ts';

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

/** The activations, with gradients from comparisons. */
export const activationGradients = (tf: Tf): Record<'relu' | 'relu6' | 'elu', (x: Tensor) => Tensor> => {
  const masked = (forward: (x: Tensor) => Tensor, slope: (x: Tensor) => Tensor) => (x: Tensor) =>
    differentiate(
      tf,
      ([value]) => ({ value: forward(value), gradients: (dy, [value]) => [() => tf.mul(dy, slope(value))] }),
      [x],
      [false],
    );
  const positive = (x: Tensor): Tensor => tf.step(x);
  return {
    relu: masked(tf.relu, positive),
    relu6: masked(tf.relu6, (x) => tf.mul(positive(x), positive(tf.sub(6, x)))),
    elu: masked(tf.elu, (x) => tf.exp(tf.minimum(x, 0))),
  };
};

/** Bilinear resize in every convention. */
export function resize(
  tf: Tf,
  x: Tensor,
  size: readonly [height: number, width: number],
  convention: ResizeConvention,
): Tensor {
  if (x.shape[1] === size[0] && x.shape[2] === size[1]) return x;
  return differentiate(
    tf,
    ([value]) => {
      const { rows, columns } = resizeMatrices(tf, value.shape, size, convention);
      return {
        value: multiplyAxes(tf, value, rows, columns),
        gradients: (dy) => [
          () => {
            const { rows, columns } = resizeMatrices(tf, value.shape, size, convention);
            return multiplyAxes(
              tf,
              dy,
              tf.transpose(rows) as typeof rows,
              tf.transpose(columns) as typeof columns,
            );
          },
        ],
      };
    },
    [x],
    [false],
  );
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
