import type { ActivationFunction } from '@atrous/graph';
import type { Tensor } from '@tensorflow/tfjs-core';
import { hardSigmoid } from '../lower.ts';
import type { Tf } from '../tf.ts';
import { differentiate } from './differentiate.ts';

/** The activations, with gradients from comparisons. */
export const activationGradients = (tf: Tf): Record<ActivationFunction, (x: Tensor) => Tensor> => {
  const masked = (forward: (x: Tensor) => Tensor, slope: (x: Tensor) => Tensor) => (x: Tensor) =>
    differentiate(
      tf,
      ([value]) => ({ value: forward(value), gradients: (dy, [value]) => [() => tf.mul(dy, slope(value))] }),
      [x],
      [false],
    );
  const positive = (x: Tensor): Tensor => tf.step(x);
  const between = (x: Tensor): Tensor => tf.mul(positive(tf.add(x, 3)), positive(tf.sub(3, x)));
  return {
    relu: masked(tf.relu, positive),
    relu6: masked(tf.relu6, (x) => tf.mul(positive(x), positive(tf.sub(6, x)))),
    elu: masked(tf.elu, (x) => tf.exp(tf.minimum(x, 0))),
    hardsigmoid: masked(
      (x) => hardSigmoid(tf, x),
      (x) => tf.mul(between(x), 1 / 6),
    ),
    // 0, then (2x + 3) / 6, then 1
    hardswish: masked(
      (x) => tf.mul(x, hardSigmoid(tf, x)),
      (x) => tf.add(tf.mul(between(x), tf.div(tf.add(tf.mul(x, 2), 3), 6)), positive(tf.sub(x, 3))),
    ),
  };
};
