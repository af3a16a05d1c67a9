import {
  type ActivationFunction,
  activation,
  batchNorm,
  conv2d,
  depthwiseConv2d,
  maxPool,
  type Padding,
  type Scope,
  separableConv2d,
  symmetricPadding,
  type Value,
} from '@atrous/graph';
import type { XceptionPadding } from './variant.ts';

/** What all layers of one network share. */
export interface Shared {
  /** Of batch norms; `none`: convolutions have biases in their place. */
  readonly epsilon: number | 'none';
  readonly padding: XceptionPadding;
  readonly order: 'depthwise-first' | 'pointwise-first';
}

export const paddings: Record<XceptionPadding['stem'], Padding> = {
  symmetric: symmetricPadding([3, 3], [1, 1]),
  same: 'same',
  valid: [0, 0, 0, 0],
};

/** A convolution and its batch norm, or its bias. */
export function convolution(
  scope: Scope,
  x: Value,
  options: { channels: number; kernel?: number; stride?: number; padding?: Padding },
  { epsilon }: Shared,
): Value {
  const y = conv2d(scope, x, { ...options, bias: epsilon === 'none' });
  return epsilon === 'none' ? y : batchNorm(scope, y, epsilon);
}

/** A separable convolution with batch norm after both of its parts or after the last, or with a bias. */
export function separable(
  scope: Scope,
  x: Value,
  options: {
    channels: number;
    stride?: number;
    rate?: number;
    norm: 'both' | 'after';
    between: ActivationFunction | 'none';
    /** Of those with batch norm. */
    rank?: number;
  },
  { epsilon, order }: Shared,
): Value {
  if (epsilon !== 'none') return separableConv2d(scope, x, { ...options, epsilon, order });
  const { channels, stride, rate } = options;
  return conv2d(scope.child('pointwise'), depthwiseConv2d(scope.child('depthwise'), x, { stride, rate }), {
    channels,
    bias: true,
  });
}

/** The max-pool of Chollet's blocks. */
export const pool = (scope: Scope, x: Value, stride: number, { padding }: Shared): Value =>
  maxPool(scope, x, { kernel: 3, stride, padding: paddings[padding.pool] });

/** Batch norm, then ReLU. */
export const normalised = (scope: Scope, x: Value, epsilon: number): Value =>
  activation(scope, batchNorm(scope, x, epsilon));
