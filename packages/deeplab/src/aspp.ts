import {
  activation,
  concat,
  conv2d,
  convBatchNormRelu,
  globalAveragePool,
  resizeLike,
  type Scope,
  separableConv2d,
  type Value,
} from '@atrous/graph';
import { AtrousError, type ResizeConvention } from '@atrous/tensor';

/** A branch of the pyramid: image pooling, the 1×1 convolution, or the atrous convolution of the n-th rate. */
export type AsppBranch = 'pool' | '1x1' | `rate${number}`;

export interface AsppOptions {
  /** Atrous rates of the 3×3 branches, as they are built. */
  readonly rates: readonly number[];
  readonly channels: number;
  /** The branches in the order of their concatenation; without `pool` there is no image pooling. */
  readonly concat: readonly AsppBranch[];
  /** Atrous separable convolutions (V3+), or ordinary ones (V3). */
  readonly separable: boolean;
  readonly resize: ResizeConvention;
  readonly epsilon: number;
}

/**
 * Atrous spatial pyramid pooling (Chen et al. 2017, figure 5; separable in Chen et al. 2018, section 3.1):
 * [N,h,w,C] to [N,h,w,channels], after its ReLU.
 */
export function aspp(scope: Scope, x: Value, options: AsppOptions): Value {
  const { rates, channels, separable, resize, epsilon } = options;
  const expected = ['1x1', ...rates.map((_, i) => `rate${i}`)];
  const given = options.concat.filter((branch) => branch !== 'pool');
  if (
    given.toSorted().join() !== expected.toSorted().join() ||
    new Set(options.concat).size !== options.concat.length
  ) {
    throw new AtrousError(
      'input',
      `aspp: concat must name each of ${expected.join(', ')} and may name pool, got ${options.concat.join(', ')}`,
    );
  }

  const branch = (name: AsppBranch): Value => {
    if (name === 'pool') {
      const pool = scope.child('pool');
      const pooled = convBatchNormRelu(pool, globalAveragePool(pool, x, { flatten: false }), {
        channels,
        epsilon,
      });
      return resizeLike(pool, pooled, x, resize);
    }
    if (name === '1x1') return convBatchNormRelu(scope.child('conv'), x, { channels, epsilon });
    const atrous = scope.child(name);
    const rate = rates[Number(name.slice('rate'.length))];
    return separable
      ? separableConvRelu(atrous, x, { channels, rate, epsilon })
      : convBatchNormRelu(atrous, x, { channels, kernel: 3, rate, epsilon });
  };

  return convBatchNormRelu(scope.child('projection'), concat(scope, options.concat.map(branch)), {
    channels,
    epsilon,
  });
}

/** DeepLab's own separable convolution: batch norm and ReLU after both parts. */
export function separableConvRelu(
  scope: Scope,
  x: Value,
  options: { channels: number; rate?: number; epsilon: number },
): Value {
  const y = separableConv2d(scope, x, { ...options, norm: 'both', between: 'relu' });
  return activation(scope.child('pointwise'), y);
}

/** A 1×1 convolution with a bias to class logits. */
export function logitsConv(scope: Scope, x: Value, classes: number): Value {
  return conv2d(scope, x, { channels: classes, bias: true });
}
