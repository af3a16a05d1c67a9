import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';
import { differentiate, sumPixels } from './differentiate.ts';

/** Batch norm with given statistics [C]; gamma and beta learn. */
export function frozenBatchNorm(
  tf: Tf,
  [x, gamma, beta]: readonly [Tensor, Tensor, Tensor],
  { mean, variance }: { mean: Tensor; variance: Tensor },
  epsilon: number,
): Tensor {
  return differentiate(
    tf,
    ([value, scale, shift]) => {
      const deviation = tf.sqrt(tf.add(variance, epsilon));
      const gain = tf.div(scale, deviation);
      return {
        value: tf.add(tf.mul(value, gain), tf.sub(shift, tf.mul(mean, gain))),
        saved: [deviation, gain],
        gradients: (dy, [value, , , deviation, gain]) => [
          () => tf.mul(dy, gain),
          () => sumPixels(tf, tf.mul(dy, tf.div(tf.sub(value, mean), deviation))),
          () => sumPixels(tf, dy),
        ],
      };
    },
    [x, gamma, beta],
    [false, false, false],
  );
}

/** Batch norm with the statistics of its input, which `onStatistics` is told. */
export function liveBatchNorm(
  tf: Tf,
  [x, gamma, beta]: readonly [Tensor, Tensor, Tensor],
  epsilon: number,
  onStatistics: (mean: Tensor, variance: Tensor) => void,
): Tensor {
  return differentiate(
    tf,
    ([value, scale, shift]) => {
      const count = value.size / scale.size;
      const mean = tf.div(sumPixels(tf, value), count);
      const centered = tf.sub(value, mean);
      const variance = tf.div(sumPixels(tf, tf.square(centered)), count);
      onStatistics(mean, variance);
      const deviation = tf.sqrt(tf.add(variance, epsilon));
      const normal = tf.div(centered, deviation);
      return {
        value: tf.add(tf.mul(normal, scale), shift),
        saved: [normal, deviation],
        gradients: (dy, [, scale, , normal, deviation]) => {
          const toShift = sumPixels(tf, dy);
          const toScale = sumPixels(tf, tf.mul(dy, normal));
          return [
            () =>
              tf.mul(
                tf.sub(tf.sub(dy, tf.div(toShift, count)), tf.mul(normal, tf.div(toScale, count))),
                tf.div(scale, deviation),
              ),
            () => toScale,
            () => toShift,
          ];
        },
      };
    },
    [x, gamma, beta],
    [false, false, false],
  );
}
