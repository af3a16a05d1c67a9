import { concat, globalAveragePool, resizeLike, type Scope, type Value } from '@atrous/graph';
import { AtrousError, type ResizeConvention } from '@atrous/tensor';
import { type ConvolutionKind, convolutions, project } from './convolution.ts';

/** A branch of the pyramid: image pooling, the 1×1 convolution, or the atrous convolution of the n-th rate. */
export type AsppBranch = 'pool' | '1x1' | `rate${number}`;

export interface AsppOptions {
  /** Atrous rates of the 3×3 branches, as they are built. */
  readonly rates: readonly number[];
  readonly channels: number;
  /** The branches in the order of their concatenation; without `pool` there is no image pooling. */
  readonly concat: readonly AsppBranch[];
  /** What the atrous convolutions are. */
  readonly convolution: ConvolutionKind;
  /** Whether its convolutions have biases. @default false */
  readonly bias?: boolean;
  /** One more 3×3 convolution after the projection, where segmentation_models.pytorch has one. @default none */
  readonly refine?: ConvolutionKind;
  readonly resize: ResizeConvention;
  readonly epsilon: number;
}

/**
 * Atrous spatial pyramid pooling (Chen et al. 2017, figure 5; separable in Chen et al. 2018, section 3.1):
 * [N,h,w,C] to [N,h,w,channels], after its ReLU.
 */
export function aspp(scope: Scope, x: Value, options: AsppOptions): Value {
  const { rates, channels, resize, epsilon, bias, refine } = options;
  checkBranches(options);
  const shape = { channels, epsilon, bias };
  const branch = (name: AsppBranch): Value => {
    if (name === '1x1') return project(scope.child('conv'), x, shape);
    if (name !== 'pool') {
      const rate = rates[Number(name.slice('rate'.length))];
      return convolutions[options.convolution](scope.child(name), x, { ...shape, rate });
    }
    const pool = scope.child('pool');
    const pooled = project(pool, globalAveragePool(pool, x, { flatten: false }), shape);
    return resizeLike(pool, pooled, x, resize);
  };
  const projected = project(scope.child('projection'), concat(scope, options.concat.map(branch)), shape);
  return refine ? convolutions[refine](scope.child('refine'), projected, shape) : projected;
}

function checkBranches({ rates, concat }: AsppOptions): void {
  const expected = ['1x1', ...rates.map((_, i) => `rate${i}`)];
  const given = concat.filter((branch) => branch !== 'pool');
  const isEach = given.toSorted().join() === expected.toSorted().join();
  if (isEach && new Set(concat).size === concat.length) return;
  throw new AtrousError(
    'input',
    `aspp: concat must name each of ${expected.join(', ')} and may name pool, got ${concat.join(', ')}`,
  );
}
