import { averagePool3, conv, type Module, maxPool3, reduce, valid } from './module.ts';
import { imageNet, type Variant } from './table.ts';

type Branches = Module['branches'];

/** Inception-v3's first module with other widths. */
const mixed5b: Branches = [
  [conv(96)],
  [conv(48), conv(64, 5)],
  [conv(64), conv(96, 3), conv(96, 3)],
  [averagePool3, conv(64)],
];

/** Szegedy et al. 2017, figure 16; widths here and below as published with the weights. */
const moduleA: Branches = [[conv(32)], [conv(32), conv(32, 3)], [conv(32), conv(48, 3), conv(64, 3)]];

/** Figure 17. */
const moduleB: Branches = [[conv(192)], [conv(128), conv(160, [1, 7]), conv(192, [7, 1])]];

/** Figure 19. */
const moduleC: Branches = [[conv(192)], [conv(192), conv(224, [1, 3]), conv(256, [3, 1])]];

/** Figure 7, with k, l, m, n of table 1. */
const reductionA: Branches = [[reduce(384)], [conv(256), conv(256, 3), reduce(384)], [maxPool3]];

/** Figure 18. */
const reductionB: Branches = [
  [conv(256), reduce(384)],
  [conv(256), reduce(288)],
  [conv(256), conv(288, 3), reduce(320)],
  [maxPool3],
];

/** `block35_1`, `block35_2`, … */
function residual(name: string, count: number, branches: Branches, scale: number): Module[] {
  return Array.from({ length: count }, (_, i) => {
    return { name: `${name}_${i + 1}`, stride: 1, branches, residual: { scale, activated: true } };
  });
}

/** Szegedy et al. 2017, figure 15, as its weights were published: with Inception-v3's stem, and a last block that is neither scaled nor activated. */
export const inceptionResnetV2: Variant = {
  ...imageNet,
  modules: [
    { name: 'stem1', stride: 2, branches: [[reduce(32), valid(32), conv(64, 3)]] },
    { name: 'stem2', stride: 2, branches: [[maxPool3, conv(80), valid(192)]] },
    { name: 'stem3', stride: 2, branches: [[maxPool3]] },
    { name: 'mixed_5b', stride: 1, branches: mixed5b },
    ...residual('block35', 10, moduleA, 0.17),
    { name: 'mixed_6a', stride: 2, branches: reductionA },
    ...residual('block17', 20, moduleB, 0.1),
    { name: 'mixed_7a', stride: 2, branches: reductionB },
    ...residual('block8', 9, moduleC, 0.2),
    { name: 'block8_10', stride: 1, branches: moduleC, residual: { scale: 1, activated: false } },
    { name: 'conv_7b', stride: 1, branches: [[conv(1536)]] },
  ],
  taps: ['stem1', 'stem2', 'block35_10', 'block17_20', 'conv_7b'],
  countPadding: false,
};
