import { filledModel } from '@atrous/golden';
import {
  activation,
  add,
  batchNorm,
  buildGraph,
  concat,
  conv2d,
  dense,
  globalAveragePool,
  imageInput,
  type Model,
  maxPool,
  resizeLike,
  type Scope,
  separableConv2d,
  softmax,
  type Value,
} from '@atrous/graph';
import type { ResizeConvention } from '@atrous/tensor';

const epsilon = 1e-3;

const model = (define: (root: Scope, image: Value) => Record<string, Value>): Model =>
  filledModel(buildGraph(imageInput(), (root, { image }) => define(root, image)));

const stem = (root: Scope, image: Value): Value => {
  const scope = root.child('stem');
  return batchNorm(
    scope,
    conv2d(scope, image, { channels: 8, kernel: 3, stride: 2, padding: 'same' }),
    epsilon,
  );
};

/** What the family consists of, a piece at a time: small enough for a software GPU. */
export const pieces: Readonly<Record<string, Model>> = {
  'separable convolution': model((root, image) => ({
    y: separableConv2d(root.child('conv'), stem(root, image), {
      channels: 12,
      rate: 2,
      epsilon,
      norm: 'both',
      between: 'relu',
    }),
  })),
  'pre-activation': model((root, image) => {
    const x = activation(root, batchNorm(root, stem(root, image), epsilon), 'elu');
    return {
      y: separableConv2d(root.child('conv'), x, {
        channels: 6,
        stride: 2,
        epsilon,
        norm: 'none',
        between: 'none',
      }),
    };
  }),
  'residual with a pool': model((root, image) => {
    const x = stem(root, image);
    const pooled = maxPool(root.child('pool'), x, { kernel: 3, stride: 2, padding: 'same' });
    const shortcut = conv2d(root.child('shortcut'), x, { channels: 8, stride: 2, bias: true });
    return { y: add(root, pooled, shortcut) };
  }),
  'kernels, strides, rates and padding of their own per axis': model((root, image) => ({
    y: conv2d(root, image, {
      channels: 5,
      kernel: [3, 2],
      stride: [1, 2],
      rate: [2, 1],
      padding: [4, 1, 0, 3],
    }),
  })),
  classifier: model((root, image) => {
    const x = globalAveragePool(root.child('head'), stem(root, image), { flatten: true });
    return { y: softmax(root.child('head'), dense(root.child('head'), x, 7)) };
  }),
  ...Object.fromEntries(
    (['half-pixel', 'align-corners', 'asymmetric'] as ResizeConvention[]).map((convention) => [
      `${convention} resize and concat`,
      model((root, image) => {
        const x = stem(root, image);
        const pooled = globalAveragePool(root.child('pool'), x, { flatten: false });
        const down = maxPool(root.child('down'), x, { kernel: 3, stride: 2, padding: 'same' });
        const up = resizeLike(root.child('up'), down, image, convention);
        return { y: concat(root, [up, resizeLike(root.child('wide'), pooled, image, convention)]) };
      }),
    ]),
  ),
};
