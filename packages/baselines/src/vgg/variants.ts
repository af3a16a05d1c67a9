import type { FamilyVariant } from '@atrous/graph';

/** 3×3 convolutions of one width, and the 2×2 max-pool after them. */
export interface Stage {
  readonly convolutions: number;
  readonly channels: number;
  /** Of the pool, nominal: an output stride may take it away. */
  readonly stride: 2;
}

export interface Variant extends FamilyVariant {
  readonly stages: readonly Stage[];
  /** Whether a batch norm follows each convolution, as in torchvision's `_bn` models. */
  readonly batchNorm: boolean;
}

const widths = [64, 128, 256, 512, 512];

const row = (counts: readonly number[], batchNorm: boolean): Variant => ({
  stages: counts.map((convolutions, i) => ({ convolutions, channels: widths[i], stride: 2 })),
  batchNorm,
  inputSize: 224,
  classifier: { kind: 'convolutional', kernel: 7, hidden: [4096, 4096] },
});

/** Simonyan and Zisserman 2015, table 1: columns A, B, D and E. */
const columns = {
  vgg11: [1, 1, 2, 2, 2],
  vgg13: [2, 2, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
};

export const variants: Readonly<Record<string, Variant>> = Object.fromEntries(
  Object.entries(columns).flatMap(([name, counts]) => [
    [name, row(counts, false)],
    [`${name}_bn`, row(counts, true)],
  ]),
);
