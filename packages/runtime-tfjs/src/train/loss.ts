import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';

/** What each pixel should be: a class id per pixel, [N·H·W]. */
export interface Target {
  readonly labels: ArrayLike<number>;
  readonly shape: readonly [batch: number, height: number, width: number];
  readonly classes: number;
  /** This id does not count. */
  readonly ignoreId?: number;
  /** How much each class counts. @default 1 each */
  readonly classWeights?: readonly number[];
  /** What the whole is multiplied with. @default 1 */
  readonly share?: number;
}

/**
 * Masked cross-entropy: the mean over the pixels that count, weighted by their class, of −log softmax at the right
 * class. Zero where no pixel counts.
 * @param logits [N,H,W,K]
 */
export function maskedCrossEntropy(tf: Tf, logits: Tensor, target: Target): Tensor {
  const { labels, shape, classes, ignoreId, classWeights, share = 1 } = target;
  const pixels = shape[0] * shape[1] * shape[2];
  const weighted = new Float32Array(pixels * classes);
  const perPixel = new Float32Array(pixels);
  let total = 0;
  for (let i = 0; i < pixels; i++) {
    const label = labels[i];
    if (label === ignoreId) continue;
    const weight = classWeights?.[label] ?? 1;
    weighted[i * classes + label] = weight;
    perPixel[i] = weight;
    total += weight;
  }
  const scale = total > 0 ? share / total : 0;
  return tf.customGrad((...given: unknown[]) => {
    const [values, save] = given as [Tensor, (tensors: Tensor[]) => void];
    const wanted = tf.tensor(weighted, [...shape, classes]);
    const weight = tf.tensor(perPixel, [...shape, 1]);
    const shifted = tf.sub(values, tf.max(values, -1, true));
    const exponents = tf.exp(shifted);
    const sums = tf.sum(exponents, -1, true);
    const logs = tf.sub(shifted, tf.log(sums));
    save([tf.sub(tf.mul(tf.div(exponents, sums), weight), wanted)]);
    return {
      value: tf.mul(tf.sum(tf.mul(wanted, logs)), -scale),
      gradFunc: (dy: Tensor, [difference]: Tensor[]) => [tf.mul(difference, tf.mul(dy, scale))],
    };
  })(logits);
}
