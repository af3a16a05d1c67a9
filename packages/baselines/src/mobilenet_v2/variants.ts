import type { FamilyVariant } from '@atrous/graph';

/** One row of the paper's table 2. */
export interface Stage {
  /** Channels between the 1×1 convolutions, relative to the block's input. */
  readonly expansion: number;
  readonly channels: number;
  /** Blocks of it; the first carries the stride. */
  readonly blocks: number;
  /** Nominal: an output stride may take it away. */
  readonly stride: 1 | 2;
}

export interface Variant extends FamilyVariant {
  readonly widthMultiplier: number;
}

const stage = (expansion: number, channels: number, blocks: number, stride: 1 | 2): Stage => ({
  expansion,
  channels,
  blocks,
  stride,
});

/** Sandler et al. 2018, table 2. */
export const stages: readonly Stage[] = [
  stage(1, 16, 1, 1),
  stage(6, 24, 2, 2),
  stage(6, 32, 3, 2),
  stage(6, 64, 4, 2),
  stage(6, 96, 3, 1),
  stage(6, 160, 3, 2),
  stage(6, 320, 1, 1),
];

const row = (widthMultiplier: number): Variant => ({
  widthMultiplier,
  inputSize: 224,
  classifier: { kind: 'pooled' },
});

/** The widths that trained weights exist in, under timm's names. */
export const variants: Readonly<Record<string, Variant>> = {
  mobilenetv2_035: row(0.35),
  mobilenetv2_050: row(0.5),
  mobilenetv2_075: row(0.75),
  mobilenetv2_100: row(1),
  mobilenetv2_130: row(1.3),
  mobilenetv2_140: row(1.4),
};
