import type { Block } from './variants.ts';

/** A block as it is built for one output stride. */
export interface PlacedBlock extends Block {
  /** 1 where the output stride took the nominal stride away. */
  readonly effectiveStride: 1 | 2;
  /** Atrous rate of all its separable convolutions. */
  readonly rate: number;
  /** How many input pixels one step is before the block. */
  readonly inputStride: number;
}

/**
 * A stride that would pass the output stride becomes a dilation: the block itself keeps the rate so far, the
 * blocks after it run at that rate times the stride (TF-slim's `stack_blocks_dense`).
 * @param stemStride the stride before the first block
 */
export function withOutputStride(
  blocks: readonly Block[],
  outputStride: number,
  stemStride = 2,
): readonly PlacedBlock[] {
  let stride = stemStride;
  let rate = 1;
  return blocks.map((block) => {
    const reached = stride * block.stride > outputStride;
    const placed: PlacedBlock = {
      ...block,
      effectiveStride: reached ? 1 : block.stride,
      rate,
      inputStride: stride,
    };
    if (reached) rate *= block.stride;
    else stride *= block.stride;
    return placed;
  });
}
