import {
  activation,
  add,
  averagePool,
  concat,
  conv2d,
  maxPool,
  type Pair,
  type Scope,
  scaleBy,
  symmetricPadding,
  type Value,
} from '@atrous/graph';
import { convUnit } from '../conv_unit.ts';

/** A convolution with its batch norm and ReLU. */
export interface Convolution {
  readonly channels: number;
  readonly kernel: Pair;
  /** `reduce`: 3×3 with the module's stride. */
  readonly stride: 1 | 'module';
  readonly padding: 'symmetric' | 'valid';
}

/** What a branch does to its value: convolutions (two where it ends in a pair, side by side), or a 3×3 pool. */
export type Step =
  | { readonly kind: 'convolution'; readonly convolutions: readonly Convolution[] }
  | { readonly kind: 'max_pool' | 'average_pool' };

/** One way from the bottom of a figure to the top. Only its last step may be a pair. */
export type Branch = readonly Step[];

/** A box of the papers' overviews: branches side by side, from the same value. */
export interface Module {
  /** As TF-slim calls it, e.g. `mixed_5b`; also the endpoint of its output and the key of its weights. */
  readonly name: string;
  /** Nominal, of its `reduce` convolutions and max-pools: an output stride may take it away. */
  readonly stride: 1 | 2;
  readonly branches: readonly Branch[];
  /** A 1×1 projection of the branches, times the scale, is added to the input (Szegedy et al. 2017, figure 20). */
  readonly residual?: { readonly scale: number; readonly activated: boolean };
}

const one = (convolution: Convolution): Step => ({ kind: 'convolution', convolutions: [convolution] });
const square = (side: number): Pair => [side, side];
const same = (channels: number, kernel: Pair): Convolution => {
  return { channels, kernel, stride: 1, padding: 'symmetric' };
};

/** A convolution that keeps the size: `conv(64)` is 1×1, `conv(64, 5)` 5×5, `conv(64, [1, 7])` a row of 7. */
export const conv = (channels: number, kernel: number | Pair = 1): Step =>
  one(same(channels, typeof kernel === 'number' ? square(kernel) : kernel));

/** 3×3 without padding ("V" in the figures). */
export const valid = (channels: number): Step =>
  one({ channels, kernel: square(3), stride: 1, padding: 'valid' });

/** 3×3 without padding, with the module's stride. */
export const reduce = (channels: number): Step =>
  one({ channels, kernel: square(3), stride: 'module', padding: 'valid' });

/** 1×3 and 3×1 side by side, from the same value: the branch ends in both. */
export const pair = (channels: number): Step => ({
  kind: 'convolution',
  convolutions: [same(channels, [1, 3]), same(channels, [3, 1])],
});

/** 3×3 without padding, with the module's stride. */
export const maxPool3: Step = { kind: 'max_pool' };

/** 3×3 that keeps the size. */
export const averagePool3: Step = { kind: 'average_pool' };

/** What all modules of one network share. */
export interface ModuleOptions {
  readonly epsilon: number;
  /** Whether average pools divide by nine at the border too. */
  readonly countPadding: boolean;
  /** Channels of the paper to channels as built. */
  readonly scaled: (channels: number) => number;
}

interface Placement {
  readonly effectiveStride: 1 | 2;
  readonly rate: number;
}

/** Side by side: [N,H,W,C] to [N,H',W',sum of the branches' channels], or the input's channels with a residual. */
export function inceptionModule(
  scope: Scope,
  x: Value,
  module: Module & Placement,
  options: ModuleOptions,
): Value {
  const { branches, residual } = module;
  const values = branches.flatMap((steps, i) => {
    return branch(branches.length === 1 ? scope : scope.child(`branch${i}`), x, steps, module, options);
  });
  const mixed = values.length === 1 ? values[0] : concat(scope, values);
  if (!residual) return mixed;
  const projected = conv2d(scope.child('projection'), mixed, { channels: x.port.shape[3]!, bias: true });
  const scaled = residual.scale === 1 ? projected : scaleBy(scope, projected, residual.scale);
  const sum = add(scope, x, scaled);
  return residual.activated ? activation(scope, sum) : sum;
}

function branch(
  scope: Scope,
  x: Value,
  steps: Branch,
  place: Placement,
  options: ModuleOptions,
): readonly Value[] {
  let values = [x];
  let layer = 0;
  for (const step of steps) {
    const [y] = values;
    if (step.kind === 'convolution') {
      layer++;
      values = step.convolutions.map((convolution, i) => {
        const name = convolutionName(layer, i, step.convolutions.length);
        return convolve(scope.child(name), y, convolution, place, options);
      });
    } else {
      values = [pool(scope, y, step.kind, place, options)];
    }
  }
  return values;
}

/** `conv2`, or `conv2a` and `conv2b` where a branch ends in a pair. */
export const convolutionName = (layer: number, index: number, count: number): string =>
  `conv${layer}${count > 1 ? 'ab'[index] : ''}`;

function convolve(
  scope: Scope,
  x: Value,
  { channels, kernel, stride, padding }: Convolution,
  { effectiveStride, rate }: Placement,
  { epsilon, scaled }: ModuleOptions,
): Value {
  return convUnit(scope, x, {
    channels: scaled(channels),
    kernel,
    stride: stride === 'module' ? effectiveStride : 1,
    rate,
    padding: padding === 'valid' ? [0, 0, 0, 0] : symmetricPadding(kernel, [rate, rate]),
    epsilon,
    activation: 'relu',
  });
}

/** Pools have no holes: where convolutions dilate, a pool's window is as wide as theirs. */
function pool(
  scope: Scope,
  x: Value,
  kind: 'max_pool' | 'average_pool',
  { effectiveStride, rate }: Placement,
  { countPadding }: ModuleOptions,
): Value {
  const kernel = 2 * rate + 1; // as wide as a 3×3 one with that rate
  if (kind === 'max_pool')
    return maxPool(scope, x, { kernel, stride: effectiveStride, padding: [0, 0, 0, 0] });
  const padding = symmetricPadding([kernel, kernel], [1, 1]);
  return averagePool(scope, x, { kernel, stride: 1, padding, countPadding });
}
