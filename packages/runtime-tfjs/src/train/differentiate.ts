import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';

/**
 * Operators with gradients of our own, made of kernels that every backend has and has fast: TensorFlow.js has no
 * gradient of a dilated convolution at all, and none of a convolution on WASM. A value that nothing is learned before
 * is constant: its gradient is not computed. None of TensorFlow.js' own gradients is used: its core brings none along.
 */

export type Differentiable = (inputs: readonly Tensor[]) => {
  value: Tensor;
  /** What was computed on the way and the gradients need. */
  saved?: readonly Tensor[];
  /** One function per input, from the inputs and what was saved: nothing else outlives the forward pass. */
  gradients(dy: Tensor, kept: readonly Tensor[]): (() => Tensor)[];
};

/** Applies a function with its gradients to inputs of which some are constant. */
export function differentiate(
  tf: Tf,
  f: Differentiable,
  inputs: readonly Tensor[],
  isConstant: readonly boolean[],
): Tensor {
  const variable = inputs.filter((_, i) => !isConstant[i]);
  if (variable.length === 0) return f(inputs).value;
  const custom = tf.customGrad((...given: unknown[]) => {
    const save = given.pop() as (tensors: Tensor[]) => void;
    let next = 0;
    const all = inputs.map((input, i) => (isConstant[i] ? input : (given[next++] as Tensor)));
    const { value, saved = [], gradients } = f(all);
    save([...all, ...saved]);
    return {
      value,
      gradFunc: (dy: Tensor, kept: Tensor[]) =>
        gradients(dy, kept)
          .filter((_, i) => !isConstant[i])
          .map((gradient) => gradient()),
    };
  });
  return custom(...variable);
}

/** Every pixel as a row. */
export const asRows = (tf: Tf, x: Tensor): Tensor2D => tf.reshape(x, [-1, x.shape[x.rank - 1]]) as Tensor2D;

/**
 * The sum over all pixels [C]: along each row by an average pool, then over rows, for a reduction over outer axes is
 * slow on WASM, and in two levels it is more precise.
 */
export function sumPixels(tf: Tf, x: Tensor): Tensor {
  const [width, channels] = x.shape.slice(-2);
  const lines = x.size / width / channels;
  const means = tf.avgPool(tf.reshape(x, [1, lines, width, channels]) as Tensor4D, [1, width], 1, 'valid');
  return tf.mul(tf.sum(tf.reshape(means, [lines, channels]), 0), width);
}

/** aᵀ·b, transposed by a step of its own: a product that transposes is slow on WASM. */
export const transposedProduct = (tf: Tf, a: Tensor2D, b: Tensor2D): Tensor2D =>
  tf.matMul(tf.transpose(a) as Tensor2D, b);

/** The sum over height and width of each picture, [N,1,1,C]: an average pool, for the same reason. */
export function sumPlane(tf: Tf, x: Tensor): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  return tf.mul(tf.avgPool(x as Tensor4D, [height, width], 1, 'valid'), height * width);
}
