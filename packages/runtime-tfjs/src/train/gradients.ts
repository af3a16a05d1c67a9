import { boundPadding, type OpOf, type Padding } from '@atrous/graph';
import type { ResizeConvention } from '@atrous/tensor';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { padsOf } from '../lower.ts';
import { multiplyAxes, resizeMatrices } from '../resize.ts';
import type { Tf } from '../tf.ts';

/**
 * Operators with gradients of our own, made of kernels that every backend has and has fast: TensorFlow.js has no
 * gradient of a dilated convolution at all, and none of a convolution on WASM. A value that nothing is learned before
 * is constant: its gradient is not computed. None of TensorFlow.js' own gradients is used: its core brings none along.
 */

type Differentiable = (inputs: readonly Tensor[]) => {
  value: Tensor;
  /** What was computed on the way and the gradients need. */
  saved?: readonly Tensor[];
  /** One function per input, from the inputs and what was saved: nothing else outlives the forward pass. */
  gradients(dy: Tensor, kept: readonly Tensor[]): (() => Tensor)[];
};

/** Applies a function with its gradients to inputs of which some are constant. */
function differentiate(
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
const asRows = (tf: Tf, x: Tensor): Tensor2D => tf.reshape(x, [-1, x.shape[x.rank - 1]]) as Tensor2D;

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
const transposedProduct = (tf: Tf, a: Tensor2D, b: Tensor2D): Tensor2D =>
  tf.matMul(tf.transpose(a) as Tensor2D, b);

/** Adds a bias [C] to every pixel. */
export function addBias(tf: Tf, x: Tensor, bias: Tensor): Tensor {
  return differentiate(
    tf,
    ([value, b]) => ({
      value: tf.add(value, b),
      gradients: (dy) => [() => tf.clone(dy), () => sumPixels(tf, dy)],
    }),
    [x, bias],
    [false, false],
  );
}

/** x [...,in] · kernel [1,1,in,out] or [in,out]. */
export function pointwise(tf: Tf, x: Tensor, kernel: Tensor, isConstant = false): Tensor {
  const [inputs, outputs] = kernel.shape.slice(-2);
  const f: Differentiable = ([value, weights]) => {
    const matrix = tf.reshape(weights, [inputs, outputs]) as Tensor2D;
    return {
      value: tf.reshape(tf.matMul(asRows(tf, value), matrix), [...value.shape.slice(0, -1), outputs]),
      gradients: (dy, [value, weights]) => [
        () => {
          const transposed = tf.transpose(tf.reshape(weights, [inputs, outputs])) as Tensor2D;
          return tf.reshape(tf.matMul(asRows(tf, dy), transposed), value.shape);
        },
        () => tf.reshape(transposedProduct(tf, asRows(tf, value), asRows(tf, dy)), weights.shape),
      ],
    };
  };
  return differentiate(tf, f, [x, kernel], [isConstant, false]);
}

type Window = Pick<OpOf<'conv2d'>, 'kernel' | 'dilation' | 'padding'>;

/** The padding of the convolution that takes gradients back. @throws Error for padding beyond the kernel's reach */
function transposedPadding({ kernel, dilation, padding }: Window): [number, number, number, number] {
  const [top, bottom, left, right] = boundPadding(padding);
  const reach = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)];
  const pads = [reach[0] - top, reach[0] - bottom, reach[1] - left, reach[1] - right] as const;
  if (pads.some((pad) => pad < 0)) throw new Error('no gradient: its padding is wider than its kernel');
  return [...pads];
}

const explicit = (padding: Padding) => padsOf(padding) as unknown as number;

/** For each tap of a stride-1 convolution: the part of x that it reads and the part of dy that it makes. */
function tapsOf(
  tf: Tf,
  x: Tensor4D,
  dy: Tensor4D,
  { kernel, dilation, padding }: Window,
  use: (x: Tensor4D, dy: Tensor4D) => Tensor,
  empty: () => Tensor,
): Tensor[] {
  const [top, , left] = boundPadding(padding);
  const range = (offset: number, from: number, to: number) => {
    const begin = Math.max(0, -offset);
    return { begin, length: Math.min(to, from - offset) - begin };
  };
  const taps: Tensor[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    const dyRows = range(i * dilation[0] - top, x.shape[1], dy.shape[1]);
    for (let j = 0; j < kernel[1]; j++) {
      const [down, right] = [i * dilation[0] - top, j * dilation[1] - left];
      const columns = range(right, x.shape[2], dy.shape[2]);
      if (dyRows.length <= 0 || columns.length <= 0) {
        taps.push(empty());
        continue;
      }
      const cut = (value: Tensor4D, row: number, column: number) =>
        tf.slice(value, [0, row, column, 0], [-1, dyRows.length, columns.length, -1]);
      taps.push(
        tf.tidy(() =>
          use(cut(x, dyRows.begin + down, columns.begin + right), cut(dy, dyRows.begin, columns.begin)),
        ),
      );
    }
  }
  return taps;
}

/** Depthwise convolution of stride 1. x [N,H,W,C], kernel [kh,kw,C,1]. */
function depthwiseStride1(tf: Tf, x: Tensor, kernel: Tensor, op: Window, isConstant: boolean): Tensor {
  const dilations: [number, number] = [op.dilation[0], op.dilation[1]];
  const convolve = (value: Tensor, weights: Tensor, padding: Padding) =>
    tf.depthwiseConv2d(value as Tensor4D, weights as Tensor4D, 1, explicit(padding), 'NHWC', dilations);
  const f: Differentiable = ([value, weights]) => ({
    value: convolve(value, weights, op.padding),
    gradients: (dy, [value, weights]) => [
      () => convolve(dy, tf.reverse(weights, [0, 1]), transposedPadding(op)),
      () => {
        const channels = value.shape[3]!;
        const taps = tapsOf(
          tf,
          value as Tensor4D,
          dy as Tensor4D,
          op,
          (a, b) => sumPixels(tf, tf.mul(a, b)),
          () => tf.zeros([channels]),
        );
        return tf.reshape(tf.stack(taps), weights.shape);
      },
    ],
  });
  return differentiate(tf, f, [x, kernel], [isConstant, false]);
}

/** Convolution of stride 1. x [N,H,W,in], kernel [kh,kw,in,out]. */
function convolutionStride1(tf: Tf, x: Tensor, kernel: Tensor, op: Window, isConstant: boolean): Tensor {
  const dilations: [number, number] = [op.dilation[0], op.dilation[1]];
  const convolve = (value: Tensor, weights: Tensor, padding: Padding) =>
    tf.conv2d(value as Tensor4D, weights as Tensor4D, 1, explicit(padding), 'NHWC', dilations);
  const f: Differentiable = ([value, weights]) => ({
    value: convolve(value, weights, op.padding),
    gradients: (dy, [value, weights]) => [
      () => convolve(dy, tf.transpose(tf.reverse(weights, [0, 1]), [0, 1, 3, 2]), transposedPadding(op)),
      () => {
        const size = [weights.shape[2]!, weights.shape[3]!];
        const taps = tapsOf(
          tf,
          value as Tensor4D,
          dy as Tensor4D,
          op,
          (a, b) => transposedProduct(tf, asRows(tf, a), asRows(tf, b)),
          () => tf.zeros(size),
        );
        return tf.reshape(tf.stack(taps), weights.shape);
      },
    ],
  });
  return differentiate(tf, f, [x, kernel], [isConstant, false]);
}

/** Every so many-th row and column. */
export function subsample(tf: Tf, x: Tensor, [down, right]: readonly [number, number]): Tensor {
  if (down === 1 && right === 1) return x;
  const f: Differentiable = ([value]) => ({
    value: tf.stridedSlice(value, [0, 0, 0, 0], value.shape, [1, down, right, 1]),
    gradients: (dy) => [
      () => {
        const [batch, height, width, channels] = value.shape as [number, number, number, number];
        const [, rows, columns] = dy.shape as [number, number, number, number];
        // Zeros after each column, then after each row, then what is too much cut off.
        const wide = tf.pad(tf.reshape(dy, [batch * rows * columns, 1, channels]), [
          [0, 0],
          [0, right - 1],
          [0, 0],
        ]);
        const lines = tf.reshape(wide, [batch * rows, 1, columns * right * channels]);
        const tall = tf.pad(lines, [
          [0, 0],
          [0, down - 1],
          [0, 0],
        ]);
        const grid = tf.reshape(tall, [batch, rows * down, columns * right, channels]);
        const cut = tf.slice(
          grid,
          [0, 0, 0, 0],
          [-1, Math.min(height, rows * down), Math.min(width, columns * right), -1],
        );
        return tf.pad(cut, [
          [0, 0],
          [0, height - cut.shape[1]!],
          [0, width - cut.shape[2]!],
          [0, 0],
        ]);
      },
    ],
  });
  return differentiate(tf, f, [x], [false]);
}

/** a + b, of one shape. */
export function add(tf: Tf, a: Tensor, b: Tensor): Tensor {
  return differentiate(
    tf,
    ([left, right]) => ({
      value: tf.add(left, right),
      gradients: (dy) => [() => tf.clone(dy), () => tf.clone(dy)],
    }),
    [a, b],
    [false, false],
  );
}

/** One beside the other, by channels. */
export function concat(tf: Tf, inputs: readonly Tensor[]): Tensor {
  const depths = inputs.map(({ shape }) => shape[shape.length - 1]);
  const offsets = depths.map((_, i) => depths.slice(0, i).reduce((sum, depth) => sum + depth, 0));
  return differentiate(
    tf,
    (values) => ({
      value: tf.concat([...values], -1),
      gradients: (dy) =>
        depths.map((depth, i) => () => {
          const begin = [...dy.shape.slice(1).map(() => 0), offsets[i]];
          return tf.slice(dy, begin, [...dy.shape.slice(0, -1), depth]);
        }),
    }),
    inputs,
    inputs.map(() => false),
  );
}

/** Convolution with a gradient: any kernel, stride and dilation. */
export function convolution(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  op: OpOf<'conv2d'>,
  isConstant = false,
): Tensor {
  const isPointwise =
    op.kernel[0] === 1 && op.kernel[1] === 1 && boundPadding(op.padding).every((pad) => pad === 0);
  const stride = [op.stride[0], op.stride[1]] as const;
  if (isPointwise) return pointwise(tf, subsample(tf, x, stride), kernel, isConstant);
  return subsample(tf, convolutionStride1(tf, x, kernel, op, isConstant), stride);
}

/** Depthwise convolution with a gradient: any kernel, stride and dilation. */
export function depthwise(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  op: OpOf<'depthwise_conv2d'>,
  isConstant = false,
): Tensor {
  return subsample(tf, depthwiseStride1(tf, x, kernel, op, isConstant), [op.stride[0], op.stride[1]]);
}

/** The activations, with gradients from comparisons. */
export const activationGradients = (tf: Tf): Record<'relu' | 'relu6' | 'elu', (x: Tensor) => Tensor> => {
  const masked = (forward: (x: Tensor) => Tensor, slope: (x: Tensor) => Tensor) => (x: Tensor) =>
    differentiate(
      tf,
      ([value]) => ({ value: forward(value), gradients: (dy, [value]) => [() => tf.mul(dy, slope(value))] }),
      [x],
      [false],
    );
  const positive = (x: Tensor): Tensor => tf.step(x);
  return {
    relu: masked(tf.relu, positive),
    relu6: masked(tf.relu6, (x) => tf.mul(positive(x), positive(tf.sub(6, x)))),
    elu: masked(tf.elu, (x) => tf.exp(tf.minimum(x, 0))),
  };
};

/** Bilinear resize in every convention. */
export function resize(
  tf: Tf,
  x: Tensor,
  size: readonly [height: number, width: number],
  convention: ResizeConvention,
): Tensor {
  if (x.shape[1] === size[0] && x.shape[2] === size[1]) return x;
  return differentiate(
    tf,
    ([value]) => {
      const { rows, columns } = resizeMatrices(tf, value.shape, size, convention);
      return {
        value: multiplyAxes(tf, value, rows, columns),
        gradients: (dy) => [
          () => {
            const { rows, columns } = resizeMatrices(tf, value.shape, size, convention);
            return multiplyAxes(
              tf,
              dy,
              tf.transpose(rows) as typeof rows,
              tf.transpose(columns) as typeof columns,
            );
          },
        ],
      };
    },
    [x],
    [false],
  );
}

/** Mean over height and width: [N,C], or [N,1,1,C]. */
export function globalAverage(tf: Tf, x: Tensor, isFlat: boolean): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return differentiate(
    tf,
    ([value]) => ({
      value: tf.mean(value, [1, 2], !isFlat),
      gradients: (dy) => [
        () => tf.tile(tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]), [1, height, width, 1]),
      ],
    }),
    [x],
    [false],
  );
}

/** Batch norm with given statistics [C]; gamma and beta learn. */
export function frozenBatchNorm(
  tf: Tf,
  [x, gamma, beta]: readonly [Tensor, Tensor, Tensor],
  { mean, variance }: { mean: Tensor; variance: Tensor },
  epsilon: number,
): Tensor {
  return differentiate(
    tf,
    ([value, scale, shift]) => {
      const deviation = tf.sqrt(tf.add(variance, epsilon));
      const gain = tf.div(scale, deviation);
      return {
        value: tf.add(tf.mul(value, gain), tf.sub(shift, tf.mul(mean, gain))),
        saved: [deviation, gain],
        gradients: (dy, [value, , , deviation, gain]) => [
          () => tf.mul(dy, gain),
          () => sumPixels(tf, tf.mul(dy, tf.div(tf.sub(value, mean), deviation))),
          () => sumPixels(tf, dy),
        ],
      };
    },
    [x, gamma, beta],
    [false, false, false],
  );
}

/** Batch norm with the statistics of its input, which `onStatistics` is told. */
export function liveBatchNorm(
  tf: Tf,
  [x, gamma, beta]: readonly [Tensor, Tensor, Tensor],
  epsilon: number,
  onStatistics: (mean: Tensor, variance: Tensor) => void,
): Tensor {
  return differentiate(
    tf,
    ([value, scale, shift]) => {
      const count = value.size / scale.size;
      const mean = tf.div(sumPixels(tf, value), count);
      const centered = tf.sub(value, mean);
      const variance = tf.div(sumPixels(tf, tf.square(centered)), count);
      onStatistics(mean, variance);
      const deviation = tf.sqrt(tf.add(variance, epsilon));
      const normal = tf.div(centered, deviation);
      return {
        value: tf.add(tf.mul(normal, scale), shift),
        saved: [normal, deviation],
        gradients: (dy, [, scale, , normal, deviation]) => {
          const toShift = sumPixels(tf, dy);
          const toScale = sumPixels(tf, tf.mul(dy, normal));
          return [
            () =>
              tf.mul(
                tf.sub(tf.sub(dy, tf.div(toShift, count)), tf.mul(normal, tf.div(toScale, count))),
                tf.div(scale, deviation),
              ),
            () => toScale,
            () => toShift,
          ];
        },
      };
    },
    [x, gamma, beta],
    [false, false, false],
  );
}
