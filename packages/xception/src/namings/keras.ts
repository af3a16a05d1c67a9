import type { Naming, Rule } from '@atrous/graph';

// Layers that nobody named are counted: `conv2d#2` is the second of the `conv2d`, `conv2d_1`, … in a file.

/** Chollet's blocks are counted from the stem on: our first one is `block2`. */
const blockName = (index: string): string => `block${Number(index) + 2}`;

const stem: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv(\d)$/, 'block1_conv$1'],
  [/^encoder\/entry_flow\/conv(\d)\/batch_norm$/, 'block1_conv$1_bn'],
];

/** A Keras SeparableConv2D holds both kernels; its batch norm is a layer of its own. */
const separable: readonly Rule[] = [
  [
    /^encoder\/.*@(\d+)\/conv(\d)\/(depthwise|pointwise)$/,
    (index, conv, part) => `${blockName(index)}_sepconv${conv}/${part}_%`,
  ],
  [
    /^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/,
    (index, conv) => `${blockName(index)}_sepconv${conv}_bn`,
  ],
];

/** Which of the unnamed projections a block has: the three of the entry flow, then the one of the exit flow. */
const projection = (index: string): number => Math.min(Number(index), 3) + 1;

/** keras.applications.Xception. */
export const kerasChollet: Naming = {
  layout: 'keras',
  variants: ['xception', 'xception-block13', 'xception-middle', 'xception-block5'],
  signature: /^block2_sepconv1\/pointwise_kernel$/,
  rules: () => [
    ...stem,
    ...separable,
    [/^encoder\/.*@(\d+)\/shortcut$/, (index) => `conv2d#${projection(index)}`],
    [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, (index) => `batch_normalization#${projection(index)}`],
    [/^head$/, 'predictions'],
  ],
};

/** KerasHub's `xception_41_imagenet`: the same network, its projections named. */
export const kerasHub: Naming = {
  ...kerasChollet,
  signature: /^block2_residual_conv\/kernel$/,
  rules: () => [
    ...stem,
    ...separable,
    [/^encoder\/.*@(\d+)\/shortcut$/, (index) => `${blockName(index)}_residual_conv`],
    [
      /^encoder\/.*@(\d+)\/shortcut\/batch_norm$/,
      (index) => `${blockName(index)}_residual_bn|${blockName(index)}_residual_conv_bn`,
    ],
    [/^head$/, 'predictions|logits'],
  ],
};

/** Per block, in the order of their making: the projection, then the two separable convolutions. */
const normsPerBlock = 3;

const allCounted: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv(\d)$/, 'conv2d#$1'],
  [/^encoder\/entry_flow\/conv(\d)\/batch_norm$/, 'batch_normalization#$1'],
  [
    /^encoder\/.*@(\d+)\/conv(\d)\/(depthwise|pointwise)$/,
    (index, conv, part) => `separable_conv2d#${2 * Number(index) + Number(conv)}/${part}_%`,
  ],
  [/^encoder\/.*@(\d+)\/shortcut$/, (index) => `conv2d#${Number(index) + 3}`],
  [
    /^encoder\/.*@(\d+)\/shortcut\/batch_norm$/,
    (index) => `batch_normalization#${normsPerBlock * Number(index) + 3}`,
  ],
  [
    /^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/,
    (index, conv) => `batch_normalization#${normsPerBlock * Number(index) + 3 + Number(conv)}`,
  ],
];

/** In the big one the main branch's batch norms have names. */
const bigNorms: readonly Rule[] = [
  stem[1],
  separable[1],
  [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, (index) => `batch_normalization#${Number(index) + 1}`],
];

/** github.com/oarriaga/face_classification: mini-, tiny- and big-Xception in Keras, most layers unnamed. */
export const kerasSmall: Naming = {
  layout: 'keras',
  variants: ['mini-xception', 'tiny-xception', 'big-xception'],
  signature: /^separable_conv2d#1\/pointwise_kernel$/,
  rules: (variant) => [
    ...(variant === 'big-xception' ? bigNorms : []),
    ...allCounted,
    [/^head$/, variant === 'big-xception' ? 'conv2d#5' : 'conv2d#7'],
  ],
};
