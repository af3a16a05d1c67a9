import type { ActivationFunction, FamilyVariant } from '@atrous/graph';

/** Blocks that share a width: some rows of the paper's tables 1 and 2. */
export interface Stage {
  /** Of the depthwise convolutions. */
  readonly kernel: 3 | 5;
  /** Channels between the 1×1 convolutions of each block; the first block carries the stride. */
  readonly expanded: readonly number[];
  readonly channels: number;
  readonly squeezes: boolean;
  readonly activation: ActivationFunction;
  /** Nominal: an output stride may take it away. */
  readonly stride: 1 | 2;
}

export interface Variant extends FamilyVariant {
  readonly stages: readonly Stage[];
  /** Channels of the last 1×1 convolution before the pooling. */
  readonly last: number;
  /** The tap at stride 4. */
  readonly lowLevel: string;
}

/** Howard et al. 2019, table 1. */
const large: Variant = {
  stages: [
    { kernel: 3, expanded: [16], channels: 16, squeezes: false, activation: 'relu', stride: 1 },
    { kernel: 3, expanded: [64, 72], channels: 24, squeezes: false, activation: 'relu', stride: 2 },
    { kernel: 5, expanded: [72, 120, 120], channels: 40, squeezes: true, activation: 'relu', stride: 2 },
    {
      kernel: 3,
      expanded: [240, 200, 184, 184],
      channels: 80,
      squeezes: false,
      activation: 'hardswish',
      stride: 2,
    },
    { kernel: 3, expanded: [480, 672], channels: 112, squeezes: true, activation: 'hardswish', stride: 1 },
    {
      kernel: 5,
      expanded: [672, 960, 960],
      channels: 160,
      squeezes: true,
      activation: 'hardswish',
      stride: 2,
    },
  ],
  last: 960,
  lowLevel: 'stage2',
  inputSize: 224,
  classifier: { kind: 'pooled', hidden: [1280], activation: 'hardswish' },
};

/** Howard et al. 2019, table 2. */
const small: Variant = {
  stages: [
    { kernel: 3, expanded: [16], channels: 16, squeezes: true, activation: 'relu', stride: 2 },
    { kernel: 3, expanded: [72, 88], channels: 24, squeezes: false, activation: 'relu', stride: 2 },
    { kernel: 5, expanded: [96, 240, 240], channels: 40, squeezes: true, activation: 'hardswish', stride: 2 },
    { kernel: 5, expanded: [120, 144], channels: 48, squeezes: true, activation: 'hardswish', stride: 1 },
    {
      kernel: 5,
      expanded: [288, 576, 576],
      channels: 96,
      squeezes: true,
      activation: 'hardswish',
      stride: 2,
    },
  ],
  last: 576,
  lowLevel: 'stage1',
  inputSize: 224,
  classifier: { kind: 'pooled', hidden: [1024], activation: 'hardswish' },
};

/** Under timm's names. */
export const variants: Readonly<Record<string, Variant>> = {
  mobilenetv3_large_100: large,
  mobilenetv3_small_100: small,
};
