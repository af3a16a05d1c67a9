import type { FamilyVariant } from '@atrous/graph';

/** One row of the paper's table 1. */
export interface Stage {
  /** Blocks of it; the first carries the stride. */
  readonly blocks: number;
  /** Channels of the 3×3 convolutions. */
  readonly width: number;
  /** Nominal: an output stride may take it away. */
  readonly stride: 1 | 2;
}

export interface Variant extends FamilyVariant {
  /** Two 3×3 convolutions, or 1×1, 3×3 and 1×1 to four times the width. */
  readonly block: 'basic' | 'bottleneck';
  readonly stages: readonly Stage[];
}

function row(block: Variant['block'], ...counts: readonly [number, number, number, number]): Variant {
  return {
    block,
    stages: counts.map((blocks, i) => ({ blocks, width: 64 * 2 ** i, stride: i === 0 ? 1 : 2 })),
    inputSize: 224,
    classifier: { kind: 'pooled' },
  };
}

/** He et al. 2016, table 1. */
export const variants: Readonly<Record<string, Variant>> = {
  resnet18: row('basic', 2, 2, 2, 2),
  resnet34: row('basic', 3, 4, 6, 3),
  resnet50: row('bottleneck', 3, 4, 6, 3),
  resnet101: row('bottleneck', 3, 4, 23, 3),
  resnet152: row('bottleneck', 3, 8, 36, 3),
};
