import type { ActivationFunction, OpOf, OpTable } from '@atrous/graph';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { averagePool, isPadded, padsOf, pair } from './average_pool.ts';
import { multiplyAxes, poolMatrices, resizeBilinear } from './axis_products.ts';
import type { Tf } from './tf.ts';

/** What an operator is lowered with. */
export interface Lowering {
  readonly inputs: readonly Tensor[];
  readonly weight: (leaf: string) => Tensor;
  /** The activation that follows and is done in the same kernel. */
  readonly activation?: FusedActivation;
}

/** What fused convolutions of every backend end in. */
export type FusedActivation = Extract<ActivationFunction, 'relu' | 'relu6' | 'elu'>;

/** min(max(x + 3, 0), 6) / 6. */
export const hardSigmoid = (tf: Tf, x: Tensor): Tensor => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);

/**
 * The operators on TensorFlow.js, NHWC. Padding is always four numbers, never `same`; resizes, which backends do not
 * agree on, are two matrix products; and strides beside dilations, which TensorFlow.js refuses, are taken after the
 * convolution.
 */
export function operatorsOn(tf: Tf): OpTable<[Lowering], Tensor> {
  const activations: Record<ActivationFunction, (x: Tensor) => Tensor> = {
    relu: tf.relu,
    relu6: tf.relu6,
    elu: tf.elu,
    hardsigmoid: (x) => hardSigmoid(tf, x),
    hardswish: (x) => tf.mul(x, hardSigmoid(tf, x)),
  };

  const convolve = (
    op: OpOf<'conv2d'> | OpOf<'depthwise_conv2d'>,
    convolution: typeof tf.fused.conv2d | typeof tf.fused.depthwiseConv2d,
    { inputs: [x], weight, activation }: Lowering,
  ): Tensor => {
    const isStrided = op.stride.some((stride) => stride > 1);
    const isDilated = op.dilation.some((rate) => rate > 1);
    const isSplit = isStrided && isDilated;
    const y = convolution({
      x: x as Tensor4D,
      filter: weight('kernel') as Tensor4D,
      strides: isSplit ? [1, 1] : pair(op.stride),
      dilations: pair(op.dilation),
      pad: padsOf(op.padding) as unknown as number, // what they take and their types leave out
      ...(op.bias && { bias: weight('bias') }),
      activation: activation ?? 'linear',
    });
    return isSplit ? tf.stridedSlice(y, [0, 0, 0, 0], y.shape, [1, ...op.stride, 1]) : y;
  };

  return {
    conv2d: (op, step) => convolve(op, tf.fused.conv2d, step),
    depthwise_conv2d: (op, step) => convolve(op, tf.fused.depthwiseConv2d, step),
    batch_norm: (_op, { inputs: [x], weight }) => tf.add(tf.mul(x, weight('scale')), weight('shift')),
    activation: (op, { inputs: [x] }) => activations[op.function](x),
    pool(op, { inputs: [x] }) {
      if (op.function === 'average') return averagePool(tf, x, op);
      const padded = isPadded(op.padding) ? tf.pad(x, padsOf(op.padding), -3.4e38) : x;
      return tf.maxPool(padded as Tensor4D, pair(op.kernel), pair(op.stride), 'valid');
    },
    global_average_pool: (op, { inputs: [x] }) => tf.mean(x, [1, 2], !op.flatten),
    adaptive_average_pool: (op, { inputs: [x] }) => multiplyAxes(tf, x, poolMatrices(tf, x.shape, op)),
    add: (_op, { inputs: [a, b] }) => tf.add(a, b),
    multiply: (_op, { inputs: [a, b] }) => tf.mul(a, b),
    scale: (op, { inputs: [x] }) => tf.mul(x, op.factor),
    concat: (_op, { inputs }) => tf.concat([...inputs], -1),
    resize_bilinear: (op, { inputs: [x, like] }) =>
      resizeBilinear(tf, x, [like.shape[1]!, like.shape[2]!], op.convention),
    dense(op, { inputs: [x], weight }) {
      const y = tf.matMul(x as Tensor2D, weight('kernel') as Tensor2D);
      return op.bias ? tf.add(y, weight('bias')) : y;
    },
    softmax: (_op, { inputs: [x] }) => tf.softmax(x, -1),
    arg_max: (_op, { inputs: [x] }) => tf.argMax(x, -1),
  };
}
