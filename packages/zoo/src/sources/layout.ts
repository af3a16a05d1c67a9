import type { LayoutName, OpKind } from '@atrous/graph';
import type { Axes } from '@atrous/tensor';

/** How a framework writes weights down. */
export interface Layout {
  /** Between a layer's name and the leaf. */
  readonly separator: string;
  /** Our leaf name to theirs. */
  readonly leaves: Readonly<Record<string, string>>;
  /** Axes of the kernels. */
  readonly kernels: Readonly<Record<'conv2d' | 'depthwise_conv2d' | 'dense', Axes>>;
  /** What a weight's name may end in besides: averages over the training come before the last value. */
  readonly suffixes?: readonly string[];
}

/** Our own axes by operator. */
export const ownAxes: Layout['kernels'] = { conv2d: 'HWIO', depthwise_conv2d: 'HWC', dense: 'IO' };

const tensorflowAxes: Layout['kernels'] = { conv2d: 'HWIO', depthwise_conv2d: 'HWC1', dense: 'IO' };

export const layouts: Readonly<Record<LayoutName, Layout>> = {
  atrous: {
    separator: '/',
    leaves: leaves('kernel', 'bias', 'gamma', 'beta', 'mean', 'variance'),
    kernels: ownAxes,
  },
  onnx: {
    separator: '/',
    leaves: leaves('kernel', 'bias', 'gamma', 'beta', 'mean', 'variance'),
    kernels: { conv2d: 'OIHW', depthwise_conv2d: 'C1HW', dense: 'IO' },
  },
  pytorch: {
    separator: '.',
    leaves: leaves('weight', 'bias', 'weight', 'bias', 'running_mean', 'running_var'),
    kernels: { conv2d: 'OIHW', depthwise_conv2d: 'C1HW', dense: 'OI' },
  },
  keras: {
    separator: '/',
    leaves: leaves('kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance'),
    kernels: tensorflowAxes,
  },
  tensorflow: {
    separator: '/',
    leaves: leaves('weights', 'biases', 'gamma', 'beta', 'moving_mean', 'moving_variance'),
    kernels: tensorflowAxes,
    suffixes: ['/ExponentialMovingAverage', ''],
  },
};

function leaves(
  kernel: string,
  bias: string,
  gamma: string,
  beta: string,
  mean: string,
  variance: string,
): Layout['leaves'] {
  return { kernel, bias, gamma, beta, mean, variance };
}

/** The axes of one weight in a layout; null where there is only one axis and nothing to turn. */
export function axesOf(kernels: Layout['kernels'], kind: OpKind, leaf: string): Axes | null {
  return leaf === 'kernel' && kind in kernels ? kernels[kind as keyof Layout['kernels']] : null;
}
