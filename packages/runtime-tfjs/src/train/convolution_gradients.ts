import type { OpOf, Padding } from '@atrous/graph';
import { boundPadding } from '@atrous/graph/lowering';
import { AtrousError } from '@atrous/tensor';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { padsOf } from '../average_pool.ts';
import type { Tf } from '../tf.ts';
import { asRows, type Differentiable, differentiate, sumPixels, transposedProduct } from './differentiate.ts';

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

/** The padding of the convolution that takes gradients back. @throws AtrousError `unsupported` for padding beyond the kernel's reach */
function transposedPadding({ kernel, dilation, padding }: Window): [number, number, number, number] {
  const [top, bottom, left, right] = boundPadding(padding);
  const reach = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)];
  const pads = [reach[0] - top, reach[0] - bottom, reach[1] - left, reach[1] - right] as const;
  if (pads.some((pad) => pad < 0)) {
    throw new AtrousError(
      'unsupported',
      'training: a convolution whose padding is wider than its kernel has no gradient here',
    );
  }
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

/** What a convolution of stride 1 does in its own way. */
interface StrideOne {
  convolve(x: Tensor4D, kernel: Tensor4D, padding: Padding): Tensor;
  /** The kernel that takes gradients back: turned around. */
  turned(kernel: Tensor): Tensor;
  /** A tap's gradient from what it reads and what it makes. */
  tap(x: Tensor4D, dy: Tensor4D): Tensor;
  /** That of a tap that reads padding alone. */
  empty(kernel: Tensor): Tensor;
}

function strideOne(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  op: Window,
  isConstant: boolean,
  own: StrideOne,
): Tensor {
  const convolve = (value: Tensor, weights: Tensor, padding: Padding) =>
    own.convolve(value as Tensor4D, weights as Tensor4D, padding);
  const f: Differentiable = ([value, weights]) => ({
    value: convolve(value, weights, op.padding),
    gradients: (dy, [value, weights]) => [
      () => convolve(dy, own.turned(weights), transposedPadding(op)),
      () => {
        const taps = tapsOf(tf, value as Tensor4D, dy as Tensor4D, op, own.tap, () => own.empty(weights));
        return tf.reshape(tf.stack(taps), weights.shape);
      },
    ],
  });
  return differentiate(tf, f, [x, kernel], [isConstant, false]);
}

/** x [N,H,W,C], kernel [kh,kw,C,1]. */
const depthwiseOn = (tf: Tf, { dilation }: Window): StrideOne => ({
  convolve: (x, kernel, padding) =>
    tf.depthwiseConv2d(x, kernel, 1, explicit(padding), 'NHWC', [dilation[0], dilation[1]]),
  turned: (kernel) => tf.reverse(kernel, [0, 1]),
  tap: (x, dy) => sumPixels(tf, tf.mul(x, dy)),
  empty: ({ shape }) => tf.zeros([shape[2]!]),
});

/** x [N,H,W,in], kernel [kh,kw,in,out]. */
const convolutionOn = (tf: Tf, { dilation }: Window): StrideOne => ({
  convolve: (x, kernel, padding) =>
    tf.conv2d(x, kernel, 1, explicit(padding), 'NHWC', [dilation[0], dilation[1]]),
  turned: (kernel) => tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]),
  tap: (x, dy) => transposedProduct(tf, asRows(tf, x), asRows(tf, dy)),
  empty: ({ shape }) => tf.zeros([shape[2]!, shape[3]!]),
});

/** Zeros between rows and columns, as a gradient goes back through a stride: (h − 1)·down + 1 rows. */
export function spread(tf: Tf, dy: Tensor, [down, right]: readonly [number, number]): Tensor {
  if (down === 1 && right === 1) return dy;
  const [batch, rows, columns, channels] = dy.shape as [number, number, number, number];
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
  return tf.slice(grid, [0, 0, 0, 0], [-1, (rows - 1) * down + 1, (columns - 1) * right + 1, -1]);
}

/** Every so many-th row and column. */
export function subsample(tf: Tf, x: Tensor, stride: readonly [number, number]): Tensor {
  const [down, right] = stride;
  if (down === 1 && right === 1) return x;
  const f: Differentiable = ([value]) => ({
    value: tf.stridedSlice(value, [0, 0, 0, 0], value.shape, [1, down, right, 1]),
    gradients: (dy) => [
      () => {
        const [, height, width] = value.shape as [number, number, number, number];
        const grid = spread(tf, dy, stride);
        return tf.pad(grid, [
          [0, 0],
          [0, height - grid.shape[1]!],
          [0, width - grid.shape[2]!],
          [0, 0],
        ]);
      },
    ],
  });
  return differentiate(tf, f, [x], [false]);
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
  return subsample(tf, strideOne(tf, x, kernel, op, isConstant, convolutionOn(tf, op)), stride);
}

/** Depthwise convolution with a gradient: any kernel, stride and dilation. */
export function depthwise(
  tf: Tf,
  x: Tensor,
  kernel: Tensor,
  op: OpOf<'depthwise_conv2d'>,
  isConstant = false,
): Tensor {
  const y = strideOne(tf, x, kernel, op, isConstant, depthwiseOn(tf, op));
  return subsample(tf, y, [op.stride[0], op.stride[1]]);
}
