import type { Block, Variant } from './variant.ts';

// Chollet 2017, figure 5.

const pooled = (name: string, first: number, second: number, leading = true): Block => ({
  name,
  widths: [first, second],
  stride: 2,
  skip: 'conv',
  leading,
});

const middleFlow = (count: number): Block[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `middle_flow/block${i + 1}`,
    widths: [728, 728, 728],
    stride: 1,
    skip: 'sum',
    leading: true,
  }));

export const chollet: Variant = {
  style: 'pooled',
  stem: [
    { channels: 32, stride: 2 },
    { channels: 64, stride: 1 },
  ],
  blocks: [
    pooled('entry_flow/block1', 128, 128, false),
    pooled('entry_flow/block2', 256, 256),
    pooled('entry_flow/block3', 728, 728),
    ...middleFlow(8),
    pooled('exit_flow/block1', 728, 1024),
    { name: 'exit_flow/block2', widths: [1536, 2048], stride: 1, skip: 'none', leading: false },
  ],
  lastActivation: true,
  epsilon: 1e-3,
  padding: { stem: 'valid', pool: 'same' },
  lowLevel: 'entry_flow/block2/conv2',
  inputSize: 299,
  classifier: { kind: 'pooled' },
};

/** A network up to one of its blocks. */
export const cut = (variant: Variant, last: string): Variant => ({
  ...variant,
  blocks: variant.blocks.slice(0, variant.blocks.findIndex(({ name }) => name === last) + 1),
});

/**
 * With pointwise kernels that are products of two: all of the middle flow, and the last of the entry flow, which sees the
 * finest picture of all that have 728 channels.
 */
export const lowRank = (
  variant: Variant,
  ranks: { readonly entry: number; readonly middle: number },
): Variant => ({
  ...variant,
  blocks: variant.blocks.map((block) => {
    if (block.name === 'entry_flow/block3') return { ...block, ranks: [undefined, ranks.entry] };
    return block.skip === 'sum' ? { ...block, ranks: block.widths.map(() => ranks.middle) } : block;
  }),
});

// Modified aligned Xception: Chen et al. 2018 (DeepLabV3+), figure 4, and TensorFlow's DeepLab.

type EntryRow = readonly [channels: number, stride: 1 | 2];

const projected = (name: string, widths: readonly number[], stride: 1 | 2): Block => ({
  name,
  widths,
  stride,
  skip: 'conv',
  leading: true,
});

const entryRows: readonly EntryRow[] = [
  [128, 2],
  [256, 2],
  [728, 2],
];

/** @param middle how many blocks the middle flow has */
export const aligned = (middle: number, entry: readonly EntryRow[] = entryRows): Variant => ({
  style: 'aligned',
  stem: chollet.stem,
  blocks: [
    ...entry.map(([channels, stride], i) =>
      projected(`entry_flow/block${i + 1}`, [channels, channels, channels], stride),
    ),
    ...middleFlow(middle),
    projected('exit_flow/block1', [728, 1024, 1024], 2),
    { name: 'exit_flow/block2', widths: [1536, 1536, 2048], stride: 1, skip: 'none', leading: false },
  ],
  lastActivation: true,
  epsilon: 1e-3,
  padding: { stem: 'symmetric', pool: 'symmetric' },
  lowLevel: `entry_flow/block${entry.findLastIndex(([channels, stride]) => channels === 256 && stride === 2) + 1}/conv2`,
  inputSize: 299,
  classifier: { kind: 'pooled' },
});

/** timm's pre-activation variants: the same table in another style. */
export const preactivated = (variant: Variant, epsilon: number): Variant => ({
  ...variant,
  style: 'preactivated',
  epsilon,
});
