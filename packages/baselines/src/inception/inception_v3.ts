import { averagePool3, conv, type Module, maxPool3, pair, reduce, valid } from './module.ts';
import { imageNet, lettered, type Variant } from './table.ts';

type Branches = Module['branches'];

/** Szegedy et al. 2016, figure 5: a 5×5 beside two 3×3 in place of another. */
const moduleA = (pooled: number): Branches => [
  [conv(64)],
  [conv(48), conv(64, 5)],
  [conv(64), conv(96, 3), conv(96, 3)],
  [averagePool3, conv(pooled)],
];

/** Figure 6: n×n as 1×n and n×1, n = 7; `width` is that of the channels between. */
const moduleB = (width: number): Branches => [
  [conv(192)],
  [conv(width), conv(width, [1, 7]), conv(192, [7, 1])],
  [conv(width), conv(width, [7, 1]), conv(width, [1, 7]), conv(width, [7, 1]), conv(192, [1, 7])],
  [averagePool3, conv(192)],
];

/** Figure 7: banks that are wider rather than deeper. */
const moduleC: Branches = [
  [conv(320)],
  [conv(384), pair(384)],
  [conv(448), conv(384, 3), pair(384)],
  [averagePool3, conv(192)],
];

/** Figure 10: convolution and pool in parallel, 35×35 to 17×17. */
const reductionA: Branches = [[reduce(384)], [conv(64), conv(96, 3), reduce(96)], [maxPool3]];

/** 17×17 to 8×8. */
const reductionB: Branches = [
  [conv(192), reduce(320)],
  [conv(192), conv(192, [1, 7]), conv(192, [7, 1]), reduce(192)],
  [maxPool3],
];

/** Szegedy et al. 2016, table 1, as TF-slim and torchvision have it. Torch's average pools count their padding, TensorFlow's do not. */
export const inceptionV3: Variant = {
  ...imageNet,
  modules: [
    { name: 'stem1', stride: 2, branches: [[reduce(32), valid(32), conv(64, 3)]] },
    { name: 'stem2', stride: 2, branches: [[maxPool3, conv(80), valid(192)]] },
    { name: 'stem3', stride: 2, branches: [[maxPool3]] },
    ...lettered(5, 'b', [moduleA(32), moduleA(64), moduleA(64)]),
    { name: 'mixed_6a', stride: 2, branches: reductionA },
    ...lettered(6, 'b', [moduleB(128), moduleB(160), moduleB(160), moduleB(192)]),
    { name: 'mixed_7a', stride: 2, branches: reductionB },
    ...lettered(7, 'b', [moduleC, moduleC]),
  ],
  taps: ['stem1', 'stem2', 'mixed_5d', 'mixed_6e', 'mixed_7c'],
  countPadding: true,
};
