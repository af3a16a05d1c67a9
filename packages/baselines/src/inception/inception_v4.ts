import { averagePool3, conv, type Module, maxPool3, pair, reduce, valid } from './module.ts';
import { imageNet, lettered, type Variant } from './table.ts';

type Branches = Module['branches'];

/** Szegedy et al. 2017, figure 4. */
const moduleA: Branches = [
  [conv(96)],
  [conv(64), conv(96, 3)],
  [conv(64), conv(96, 3), conv(96, 3)],
  [averagePool3, conv(96)],
];

/** Figure 5. */
const moduleB: Branches = [
  [conv(384)],
  [conv(192), conv(224, [1, 7]), conv(256, [7, 1])],
  [conv(192), conv(192, [7, 1]), conv(224, [1, 7]), conv(224, [7, 1]), conv(256, [1, 7])],
  [averagePool3, conv(128)],
];

/** Figure 6. */
const moduleC: Branches = [
  [conv(256)],
  [conv(384), pair(256)],
  [conv(384), conv(448, [3, 1]), conv(512, [1, 3]), pair(256)],
  [averagePool3, conv(256)],
];

/** Figure 7, with k, l, m, n of table 1. */
const reductionA: Branches = [[reduce(384)], [conv(192), conv(224, 3), reduce(256)], [maxPool3]];

/** Figure 8. */
const reductionB: Branches = [
  [conv(192), reduce(192)],
  [conv(256), conv(256, [1, 7]), conv(320, [7, 1]), reduce(320)],
  [maxPool3],
];

/** Szegedy et al. 2017, figure 9; the stem is figure 3. */
export const inceptionV4: Variant = {
  ...imageNet,
  modules: [
    { name: 'stem1', stride: 2, branches: [[reduce(32), valid(32), conv(64, 3)]] },
    { name: 'mixed_3a', stride: 2, branches: [[maxPool3], [reduce(96)]] },
    {
      name: 'mixed_4a',
      stride: 1,
      branches: [
        [conv(64), valid(96)],
        [conv(64), conv(64, [1, 7]), conv(64, [7, 1]), valid(96)],
      ],
    },
    { name: 'mixed_5a', stride: 2, branches: [[reduce(192)], [maxPool3]] },
    ...lettered(5, 'b', Array(4).fill(moduleA)),
    { name: 'mixed_6a', stride: 2, branches: reductionA },
    ...lettered(6, 'b', Array(7).fill(moduleB)),
    { name: 'mixed_7a', stride: 2, branches: reductionB },
    ...lettered(7, 'b', Array(3).fill(moduleC)),
  ],
  taps: ['stem1', 'mixed_3a', 'mixed_5e', 'mixed_6h', 'mixed_7d'],
  countPadding: false,
};
