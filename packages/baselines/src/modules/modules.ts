import {
  buildGraph,
  concat,
  conv2d,
  depthwiseConv2d,
  type Graph,
  imageInput,
  maxPool,
  type Scope,
  type Value,
} from '@atrous/graph';
import { AtrousError, unknownName } from '@atrous/tensor';

/** The letters of Howard et al. 2017, section 3.1. */
export interface ModuleSize {
  /** M: channels that go in. */
  readonly channels: number;
  /** N: channels that come out. */
  readonly filters: number;
  /** F: side of the map. */
  readonly size: number;
  /** K: side of the kernel, odd. */
  readonly kernel: number;
}

/** A way from M channels to N, at the same size, in place of an ordinary convolution. */
export interface ModuleKind {
  readonly title: string;
  /** Parameters, which are multiply-adds per pixel: times F² for the map. No biases. Inception's where 16 divides N. */
  readonly formula: string;
  /** Where it was proposed. */
  readonly source: string;
  /** Of the formula. */
  weights(size: ModuleSize): number;
  build(scope: Scope, x: Value, size: ModuleSize): Value;
}

/** 3×3 convolutions with the reach of one K×K. */
const stacked = (kernel: number): number => Math.max(1, (kernel - 1) / 2);

/** Widths of GoogLeNet's first module (Szegedy et al. 2015, table 1, 3a) as shares of its 256 filters. */
const shares = {
  one: 1 / 4,
  three: 1 / 2,
  five: 1 / 8,
  pooled: 1 / 8,
  reduceThree: 3 / 8,
  reduceFive: 1 / 16,
};
const widthsOf = (filters: number) => {
  const width = (share: number) => Math.max(1, Math.round(filters * share));
  return {
    one: width(shares.one),
    three: width(shares.three),
    five: width(shares.five),
    pooled: width(shares.pooled),
    reduceThree: width(shares.reduceThree),
    reduceFive: width(shares.reduceFive),
  };
};

const pool3 = { kernel: 3, stride: 1, padding: [1, 1, 1, 1] } as const;

/**
 * What an ordinary convolution was replaced with, from GoogLeNet to Xception: the steps of Chollet's argument (2017, section 1).
 * @example cost(moduleGraph('separable', { channels: 728, filters: 728, size: 19, kernel: 3 }), { image: [1, 19, 19, 728] })
 */
export const modules = {
  ordinary: {
    title: 'ordinary convolution',
    formula: 'K²·M·N',
    source: 'LeCun et al. 1998',
    weights: ({ channels, filters, kernel }) => kernel ** 2 * channels * filters,
    build: (scope, x, { filters, kernel }) => conv2d(scope, x, { channels: filters, kernel }),
  },
  naive: {
    title: 'Inception, naive',
    formula: '(1/4 + 9/2 + 25/8)·M·N',
    source: 'Szegedy et al. 2015, figure 2a',
    weights({ channels, filters }) {
      const { one, three, five } = widthsOf(filters);
      return channels * (one + 9 * three + 25 * five);
    },
    // the pooled channels are handed on as they are: M more come out
    build(scope, x, { filters }) {
      const { one, three, five } = widthsOf(filters);
      return concat(scope, [
        conv2d(scope.child('1x1'), x, { channels: one }),
        conv2d(scope.child('3x3'), x, { channels: three, kernel: 3 }),
        conv2d(scope.child('5x5'), x, { channels: five, kernel: 5 }),
        maxPool(scope, x, pool3),
      ]);
    },
  },
  reduced: {
    title: 'Inception, with 1×1 reductions',
    formula: '13/16·M·N + 241/128·N²',
    source: 'Szegedy et al. 2015, figure 2b',
    weights({ channels, filters }) {
      const { one, three, five, pooled, reduceThree, reduceFive } = widthsOf(filters);
      const onInput = channels * (one + reduceThree + reduceFive + pooled);
      return onInput + 9 * reduceThree * three + 25 * reduceFive * five;
    },
    build(scope, x, { filters }) {
      const { one, three, five, pooled, reduceThree, reduceFive } = widthsOf(filters);
      const reducedTo = (name: string, channels: number) => conv2d(scope.child(name), x, { channels });
      return concat(scope, [
        conv2d(scope.child('1x1'), x, { channels: one }),
        conv2d(scope.child('3x3'), reducedTo('3x3_reduce', reduceThree), { channels: three, kernel: 3 }),
        conv2d(scope.child('5x5'), reducedTo('5x5_reduce', reduceFive), { channels: five, kernel: 5 }),
        conv2d(scope.child('pool_1x1'), maxPool(scope, x, pool3), { channels: pooled }),
      ]);
    },
  },
  stacked: {
    title: 'K×K as (K − 1)/2 times 3×3',
    formula: '9·N·(M + ((K − 1)/2 − 1)·N)',
    source: 'Simonyan & Zisserman 2015; Szegedy et al. 2016, figure 1',
    weights: ({ channels, filters, kernel }) => 9 * filters * (channels + (stacked(kernel) - 1) * filters),
    build(scope, x, { filters, kernel }) {
      let y = x;
      for (let i = 1; i <= stacked(kernel); i++) {
        y = conv2d(scope.child(`conv${i}`), y, { channels: filters, kernel: 3 });
      }
      return y;
    },
  },
  asymmetric: {
    title: 'K×1, then 1×K',
    formula: 'K·N·(M + N)',
    source: 'Szegedy et al. 2016, figure 3',
    weights: ({ channels, filters, kernel }) => kernel * filters * (channels + filters),
    build(scope, x, { filters: channels, kernel }) {
      const column = conv2d(scope.child('column'), x, { channels, kernel: [kernel, 1] });
      return conv2d(scope.child('row'), column, { channels, kernel: [1, kernel] });
    },
  },
  separable: {
    title: 'depthwise separable: K×K, then 1×1',
    formula: 'M·(K² + N)',
    source: 'Sifre 2014; Howard et al. 2017',
    weights: ({ channels, filters, kernel }) => channels * (kernel ** 2 + filters),
    build(scope, x, { filters, kernel }) {
      const y = depthwiseConv2d(scope.child('depthwise'), x, { kernel });
      return conv2d(scope.child('pointwise'), y, { channels: filters });
    },
  },
  pointwiseFirst: {
    title: '1×1, then K×K depthwise ("extreme" Inception)',
    formula: 'N·(M + K²)',
    source: 'Chollet 2017, figure 4',
    weights: ({ channels, filters, kernel }) => filters * (channels + kernel ** 2),
    build(scope, x, { filters, kernel }) {
      const y = conv2d(scope.child('pointwise'), x, { channels: filters });
      return depthwiseConv2d(scope.child('depthwise'), y, { kernel });
    },
  },
} satisfies Readonly<Record<string, ModuleKind>> as Readonly<Record<ModuleName, ModuleKind>>;

export type ModuleName =
  | 'ordinary'
  | 'naive'
  | 'reduced'
  | 'stacked'
  | 'asymmetric'
  | 'separable'
  | 'pointwiseFirst';

/** A module alone: takes `image` [N,H,W,M], gives `features`. */
export function moduleGraph(name: ModuleName, size: ModuleSize): Graph {
  if (!Object.hasOwn(modules, name)) throw unknownName('module', name, Object.keys(modules));
  const isOdd = Number.isInteger(size.kernel) && size.kernel % 2 === 1;
  if (!isOdd || size.kernel < 1) {
    throw new AtrousError(
      'input',
      `module: expected an odd kernel, which keeps the size; got ${size.kernel}`,
    );
  }
  return buildGraph(imageInput(size.channels), (root, { image }) => ({
    features: modules[name].build(root.child(name), image, size),
  }));
}
