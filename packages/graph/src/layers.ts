import type { ResizeConvention } from '@atrous/tensor';
import type { Scope, Value } from './builder.ts';
import type { ActivationFunction } from './ops/activation.ts';
import { type Padding, type Pair, symmetricPadding } from './ops/window.ts';

const pair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

export interface ConvOptions {
  /** @default 1 */
  readonly kernel?: number | Pair;
  /** @default 1 */
  readonly stride?: number | Pair;
  /** Atrous rate. @default 1 */
  readonly rate?: number | Pair;
  /** @default symmetric: rate·(kernel − 1)/2 on every side */
  readonly padding?: Padding;
  /** @default false */
  readonly bias?: boolean;
}

function windowOf(options: ConvOptions) {
  const kernel = pair(options.kernel ?? 1);
  const dilation = pair(options.rate ?? 1);
  const padding = options.padding ?? symmetricPadding(kernel, dilation);
  return { kernel, stride: pair(options.stride ?? 1), dilation, padding, bias: options.bias ?? false };
}

/** Ordinary convolution to `channels`; 1×1 unless a kernel is given. */
export function conv2d(scope: Scope, x: Value, options: ConvOptions & { channels: number }): Value {
  return scope.node({ kind: 'conv2d', channels: options.channels, ...windowOf(options) }, [x]);
}

/** Depthwise convolution, 3×3 unless a kernel is given. */
export function depthwiseConv2d(scope: Scope, x: Value, options: ConvOptions = {}): Value {
  return scope.node({ kind: 'depthwise_conv2d', ...windowOf({ kernel: 3, ...options }) }, [x]);
}

/** Batch normalisation with moving statistics. */
export function batchNorm(scope: Scope, x: Value, epsilon: number): Value {
  return scope.node({ kind: 'batch_norm', epsilon }, [x], 'batch_norm');
}

/** ReLU and its kin; the node is named after the function. */
export function activation(scope: Scope, x: Value, name: ActivationFunction = 'relu'): Value {
  return scope.node({ kind: 'activation', function: name }, [x], name);
}

/** Convolution, batch norm, ReLU: [N,H,W,C] to [N,H',W',channels]. */
export function convBatchNormRelu(
  scope: Scope,
  x: Value,
  options: ConvOptions & { channels: number; epsilon: number },
): Value {
  return activation(scope, batchNorm(scope, conv2d(scope, x, options), options.epsilon));
}

export interface SeparableConvOptions {
  readonly channels: number;
  /** Of the depthwise part. @default 1 */
  readonly stride?: number;
  /** Atrous rate of the depthwise part. @default 1 */
  readonly rate?: number;
  readonly epsilon: number;
  /** Where batch norms stand: after both parts (aligned Xception, DeepLab), after the last (Chollet), or nowhere. */
  readonly norm: 'both' | 'after' | 'none';
  /** Between the two parts. */
  readonly between: ActivationFunction | 'none';
  /**
   * Which part comes first. `pointwise-first` is what the Xception literature calls the modified depthwise separable
   * convolution; 'after' and the value's name follow the last part. @default 'depthwise-first'
   */
  readonly order?: 'depthwise-first' | 'pointwise-first';
  /** Channels between two kernels, `reduce` and `pointwise`, whose product stands for the pointwise one. @default one kernel */
  readonly rank?: number;
}

/** Depthwise 3×3, then pointwise 1×1 (Chollet 2017, section 3), or the other way round. The value is before any activation after it. */
export function separableConv2d(scope: Scope, x: Value, options: SeparableConvOptions): Value {
  const { channels, stride, rate, epsilon, norm, between, order = 'depthwise-first', rank } = options;
  const depthwise = (part: Scope, y: Value) => depthwiseConv2d(part, y, { stride, rate });
  const reduced = (y: Value) => (rank ? conv2d(scope.child('reduce'), y, { channels: rank }) : y);
  const pointwise = (part: Scope, y: Value) => conv2d(part, reduced(y), { channels });
  const isPointwiseFirst = order === 'pointwise-first';
  const first = scope.child(isPointwiseFirst ? 'pointwise' : 'depthwise');
  const last = scope.child(isPointwiseFirst ? 'depthwise' : 'pointwise');
  let y = (isPointwiseFirst ? pointwise : depthwise)(first, x);
  if (norm === 'both') y = batchNorm(first, y, epsilon);
  if (between !== 'none') y = activation(first, y, between);
  y = (isPointwiseFirst ? depthwise : pointwise)(last, y);
  return norm === 'none' ? y : batchNorm(last, y, epsilon);
}

export interface PoolOptions {
  readonly kernel: number | Pair;
  readonly stride: number | Pair;
  readonly padding: Padding;
}

/** Largest value under a window. */
export function maxPool(scope: Scope, x: Value, { kernel, stride, padding }: PoolOptions): Value {
  return scope.node(
    { kind: 'pool', function: 'max', kernel: pair(kernel), stride: pair(stride), padding },
    [x],
    'pool',
  );
}

/** Mean under a window: of what lies inside, or, where padding counts, with zeros there. */
export function averagePool(
  scope: Scope,
  x: Value,
  { kernel, stride, padding, countPadding }: PoolOptions & { readonly countPadding?: boolean },
): Value {
  return scope.node(
    {
      kind: 'pool',
      function: 'average',
      kernel: pair(kernel),
      stride: pair(stride),
      padding,
      ...(countPadding && { countPadding }),
    },
    [x],
    'pool',
  );
}

export interface AdaptivePoolOptions {
  readonly height: number;
  readonly width: number;
  /** Extents that are already as large stay as they are. @default false */
  readonly atLeast?: boolean;
}

/** Means over parts of the picture: [N,H,W,C] to [N,height,width,C] from any size, or to at least that. */
export function adaptiveAveragePool(
  scope: Scope,
  x: Value,
  { height, width, atLeast }: AdaptivePoolOptions,
): Value {
  const op = { kind: 'adaptive_average_pool', height, width, ...(atLeast && { atLeast }) } as const;
  return scope.node(op, [x], 'pool');
}

/** Mean over height and width: to [N,1,1,C], or [N,C] when flattened. */
export function globalAveragePool(scope: Scope, x: Value, options: { flatten: boolean }): Value {
  return scope.node({ kind: 'global_average_pool', flatten: options.flatten }, [x], 'pool');
}

/** The residual connection. */
export function add(scope: Scope, a: Value, b: Value): Value {
  return scope.node({ kind: 'add' }, [a, b], 'add');
}

/** Elementwise: `b` has `a`'s shape, or is [N,1,1,C] beside [N,H,W,C]. */
export function multiply(scope: Scope, a: Value, b: Value): Value {
  return scope.node({ kind: 'multiply' }, [a, b], 'multiply');
}

/** `x · factor`. */
export function scaleBy(scope: Scope, x: Value, factor: number): Value {
  return scope.node({ kind: 'scale', factor }, [x], 'scale');
}

/** Side by side along the channels. */
export function concat(scope: Scope, values: readonly Value[]): Value {
  return scope.node({ kind: 'concat' }, values, 'concat');
}

/** Bilinear resize to the height and width of another value. */
export function resizeLike(scope: Scope, x: Value, like: Value, convention: ResizeConvention): Value {
  return scope.node({ kind: 'resize_bilinear', convention }, [x, like], 'resize');
}

/** Fully connected with a bias. */
export function dense(scope: Scope, x: Value, units: number): Value {
  return scope.node({ kind: 'dense', units, bias: true }, [x]);
}

/** Probabilities over the channels. */
export function softmax(scope: Scope, x: Value): Value {
  return scope.node({ kind: 'softmax' }, [x], 'softmax');
}

/** The channel with the largest value. */
export function argMax(scope: Scope, x: Value): Value {
  return scope.node({ kind: 'arg_max' }, [x], 'arg_max');
}
