import {
  type ActivationFunction,
  activation,
  add,
  batchNorm,
  conv2d,
  maxPool,
  type Placed,
  type Scope,
  separableConv2d,
  symmetricPadding,
  type Value,
} from '@atrous/graph';
import type { Block, Style, XceptionPadding } from './variants.ts';

/** What all blocks of one network share. */
export interface BlockOptions {
  readonly style: Style;
  readonly epsilon: number;
  readonly padding: XceptionPadding;
  /** Between depthwise and pointwise where the paper has nothing (Chollet 2017, section 4.7). */
  readonly between: ActivationFunction | 'none';
  /** Whether shortcuts stand (Chollet 2017, section 4.6). */
  readonly residual: boolean;
  /** The paper has no ReLU before the very first separable convolution of Chollet's network. */
  readonly leadingActivation: boolean;
  /** Multiplies the rate of each separable convolution (DeepLab's multi-grid). */
  readonly grid: readonly number[];
}

export interface BlockValues {
  /** After the shortcut; after the last activation where activations stand after. */
  readonly output: Value;
  /** Each separable convolution after its batch norm, before any activation. */
  readonly convolutions: readonly Value[];
}

/**
 * One block: `x → [activation → separable convolution]·n (→ pool) + shortcut(x)`.
 * Nothing is activated after the sum: the next block begins with an activation.
 */
export function block(scope: Scope, input: Value, row: Block & Placed, options: BlockOptions): BlockValues {
  const { style, epsilon, residual } = options;
  const preactivated = style === 'preactivation';
  const after = row.activation === 'after' && !preactivated;
  const x = preactivated ? activation(scope, batchNorm(scope, input, epsilon)) : input;

  const convolutions: Value[] = [];
  let y = x;
  row.widths.forEach((channels, i) => {
    const conv = scope.child(`conv${i + 1}`);
    const isLast = i === row.widths.length - 1;
    if (preactivated && i > 0) y = activation(conv, batchNorm(conv, y, epsilon));
    if (!preactivated && !after && (i > 0 || options.leadingActivation)) y = activation(conv, y);
    y = separableConv2d(conv, y, {
      channels,
      stride: isLast && style !== 'chollet' ? row.effectiveStride : 1,
      rate: row.rate * (options.grid[i] ?? 1),
      epsilon,
      norm: style === 'aligned' ? 'both' : style === 'chollet' ? 'after' : 'none',
      between: after && style === 'aligned' ? 'relu' : options.between,
    });
    convolutions.push(y);
    if (after) y = activation(conv.child('pointwise'), y);
  });

  if (style === 'chollet' && row.stride === 2) {
    const padding = options.padding.pool === 'same' ? 'same' : symmetricPadding([3, 3], [1, 1]);
    y = maxPool(scope, y, { kernel: 3, stride: row.effectiveStride, padding });
  }
  if (!residual || row.skip === 'none') return { output: y, convolutions };
  return { output: add(scope, y, shortcut(scope.child('shortcut'), x, row, options)), convolutions };
}

function shortcut(scope: Scope, x: Value, row: Block & Placed, { style, epsilon }: BlockOptions): Value {
  if (row.skip === 'sum') return x;
  const projection = conv2d(scope, x, { channels: row.widths.at(-1)!, stride: row.effectiveStride });
  return style === 'preactivation' ? projection : batchNorm(scope, projection, epsilon);
}
