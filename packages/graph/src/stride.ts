/** A stage or block as it is built for one output stride. */
export interface Placed {
  /** 1 where the output stride took the nominal stride away. */
  readonly effectiveStride: 1 | 2;
  /** Atrous rate of its convolutions. */
  readonly rate: number;
  /** Atrous rate of what follows: where this row lost its stride, its own rate times that stride. */
  readonly nextRate: number;
  /** How many input pixels one step is before it. */
  readonly inputStride: number;
  /** How many input pixels one step is after it. */
  readonly outputStride: number;
}

/**
 * The one rule for output strides: a stride that would pass the output stride becomes a dilation. The row itself keeps
 * the rate so far, the rows after it run at that rate times the stride (TF-slim's `stack_blocks_dense`).
 * @param stemStride the stride before the first row
 */
export function placeStrides<T extends { readonly stride: 1 | 2 }>(
  rows: readonly T[],
  outputStride: number,
  stemStride = 2,
): readonly (T & Placed)[] {
  let inputStride = stemStride;
  let rate = 1;
  return rows.map((row) => {
    const isReached = inputStride * row.stride > outputStride;
    const effectiveStride = isReached ? 1 : row.stride;
    const nextRate = isReached ? rate * row.stride : rate;
    const placed = {
      ...row,
      effectiveStride,
      rate,
      nextRate,
      inputStride,
      outputStride: inputStride * effectiveStride,
    };
    inputStride = placed.outputStride;
    rate = nextRate;
    return placed;
  });
}
