import type { OpKind } from '@atrous/graph';
import type { Axes } from '@atrous/tensor';

/** How a family of checkpoints writes weights down. */
export interface Layout {
  /** Between a layer's name and the leaf. */
  readonly separator: string;
  /** Our leaf name to theirs. */
  readonly leaves: Readonly<Record<string, string>>;
  /** Axes of the kernels. */
  readonly kernels: Readonly<Record<'conv2d' | 'depthwise_conv2d' | 'dense', Axes>>;
}

/** Our own axes by operator. */
export const ownAxes: Layout['kernels'] = { conv2d: 'HWIO', depthwise_conv2d: 'HWC', dense: 'IO' };

const sameLeaf = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]));

export const layouts = {
  atrous: {
    separator: '/',
    leaves: sameLeaf('kernel', 'bias', 'gamma', 'beta', 'mean', 'variance'),
    kernels: ownAxes,
  },
  pytorch: {
    separator: '.',
    leaves: {
      kernel: 'weight',
      bias: 'bias',
      gamma: 'weight',
      beta: 'bias',
      mean: 'running_mean',
      variance: 'running_var',
    },
    kernels: { conv2d: 'OIHW', depthwise_conv2d: 'C1HW', dense: 'OI' },
  },
  keras: {
    separator: '/',
    leaves: {
      ...sameLeaf('kernel', 'bias', 'gamma', 'beta'),
      mean: 'moving_mean',
      variance: 'moving_variance',
    },
    kernels: { conv2d: 'HWIO', depthwise_conv2d: 'HWC1', dense: 'IO' },
  },
} satisfies Record<string, Layout> as Record<'atrous' | 'pytorch' | 'keras', Layout>;

/** The axes of one weight in a layout; null where there is only one axis and nothing to turn. */
export function axesOf(kernels: Layout['kernels'], kind: OpKind, leaf: string): Axes | null {
  return leaf === 'kernel' && kind in kernels ? kernels[kind as keyof Layout['kernels']] : null;
}
