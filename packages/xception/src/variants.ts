/** One residual block of an Xception: a stack of separable convolutions, and what goes around it. */
export interface Block {
  /** Also the endpoint of its output, and the key of its weights. */
  readonly name: string;
  /** Output channels of each separable convolution. */
  readonly widths: readonly number[];
  /** Nominal: an output stride may take it away. */
  readonly stride: 1 | 2;
  /** `conv`: a 1×1 projection, `sum`: the identity, `none`. From the paper's table, never from the effective stride. */
  readonly skip: 'conv' | 'sum' | 'none';
  /** Whether activations stand before each separable convolution, or after (then between its parts too, where batch norms are). */
  readonly activation: 'before' | 'after';
}

/**
 * - `chollet`: batch norm after the pointwise only; a max-pool carries the stride (Chollet 2017, figure 5)
 * - `aligned`: batch norm after depthwise and pointwise; the third depthwise carries the stride (Chen et al. 2018, figure 4)
 * - `preactivation`: batch norm and ReLU before each separable convolution (timm's `p` variants)
 */
export type Style = 'chollet' | 'aligned' | 'preactivation';

export interface Variant {
  readonly style: Style;
  /** Channels of the two 3×3 convolutions; the first has stride 2. */
  readonly stem: readonly [number, number];
  readonly blocks: readonly Block[];
  /** Batch norm epsilon that the original trains with. */
  readonly epsilon: number;
  readonly padding: XceptionPadding;
  /** The tap that a DeepLab decoder takes. */
  readonly lowLevel: string;
  /** Side of the pictures that the classifier was trained on. */
  readonly inputSize: number;
}

/** Where sources differ: `symmetric` pads both sides alike, `same` is Keras' rule, `valid` pads nothing. */
export interface XceptionPadding {
  readonly stem: 'symmetric' | 'same' | 'valid';
  /** Of Chollet's max-pools. */
  readonly pool: 'symmetric' | 'same';
}

type Widths = readonly [number, number, number];

// Chollet 2017, figure 5.

const pooled = (name: string, first: number, second: number): Block => ({
  name,
  widths: [first, second],
  stride: 2,
  skip: 'conv',
  activation: 'before',
});

const middle = (count: number): Block[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `middle_flow/block${i + 1}`,
    widths: [728, 728, 728],
    stride: 1,
    skip: 'sum',
    activation: 'before',
  }));

const entry: readonly Block[] = [
  pooled('entry_flow/block1', 128, 128),
  pooled('entry_flow/block2', 256, 256),
  pooled('entry_flow/block3', 728, 728),
];

const xception: Variant = {
  style: 'chollet',
  stem: [32, 64],
  blocks: [
    ...entry,
    ...middle(8),
    pooled('exit_flow/block1', 728, 1024),
    { name: 'exit_flow/block2', widths: [1536, 2048], stride: 1, skip: 'none', activation: 'after' },
  ],
  epsilon: 1e-3,
  padding: { stem: 'valid', pool: 'same' },
  lowLevel: 'entry_flow/block2/conv2',
  inputSize: 299,
};

/** Without its exit flow: features at stride 16 by nature, two thirds of the weights. */
const xceptionMiddle: Variant = { ...xception, blocks: [...entry, ...middle(8)] };

// Modified aligned Xception: Chen et al. 2018 (DeepLabV3+), figure 4, and TensorFlow's DeepLab.

const projected = (name: string, widths: Widths, stride: 1 | 2): Block => ({
  name,
  widths,
  stride,
  skip: 'conv',
  activation: 'before',
});

const alignedExit: readonly Block[] = [
  projected('exit_flow/block1', [728, 1024, 1024], 2),
  { name: 'exit_flow/block2', widths: [1536, 1536, 2048], stride: 1, skip: 'none', activation: 'after' },
];

const alignedEntry: readonly Block[] = [
  projected('entry_flow/block1', [128, 128, 128], 2),
  projected('entry_flow/block2', [256, 256, 256], 2),
  projected('entry_flow/block3', [728, 728, 728], 2),
];

const xception41: Variant = {
  style: 'aligned',
  stem: [32, 64],
  blocks: [...alignedEntry, ...middle(8), ...alignedExit],
  epsilon: 1e-3,
  padding: { stem: 'symmetric', pool: 'symmetric' },
  lowLevel: 'entry_flow/block2/conv2',
  inputSize: 299,
};

const xception65: Variant = {
  ...xception41,
  blocks: [...alignedEntry, ...middle(16), ...alignedExit],
};

const xception71: Variant = {
  ...xception41,
  blocks: [
    projected('entry_flow/block1', [128, 128, 128], 2),
    projected('entry_flow/block2', [256, 256, 256], 1),
    projected('entry_flow/block3', [256, 256, 256], 2),
    projected('entry_flow/block4', [728, 728, 728], 1),
    projected('entry_flow/block5', [728, 728, 728], 2),
    ...middle(16),
    ...alignedExit,
  ],
  lowLevel: 'entry_flow/block3/conv2',
};

// timm's pre-activation variants: the same tables in another style.

const xception41p: Variant = { ...xception41, style: 'preactivation', epsilon: 1e-5 };
const xception65p: Variant = { ...xception65, style: 'preactivation' };

export type VariantName =
  | 'xception'
  | 'xception-middle'
  | 'xception41'
  | 'xception65'
  | 'xception71'
  | 'xception41p'
  | 'xception65p';

/** The family: one row per network. */
export const variants: Readonly<Record<VariantName, Variant>> = {
  xception,
  'xception-middle': xceptionMiddle,
  xception41,
  xception65,
  xception71,
  xception41p,
  xception65p,
};

export const variantNames: readonly VariantName[] = Object.keys(variants) as VariantName[];
