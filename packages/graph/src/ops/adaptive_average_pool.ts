import { channelsOf, expectRank4, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/**
 * Means over windows that divide the input into `height` × `width` parts, whatever its size, by PyTorch's rule: part i
 * of n spans ⌊i·extent/n⌋ to ⌈(i + 1)·extent/n⌉. Parts may overlap, and repeat where the input is smaller.
 */
export interface AdaptiveAveragePool {
  readonly kind: 'adaptive_average_pool';
  readonly height: number;
  readonly width: number;
  /** An axis that is already as long, or longer, stays as it is: only what is smaller is brought up to the size. @default false */
  readonly atLeast?: boolean;
}

/** How many parts an axis of a known length is divided into. */
export function adaptiveParts(
  op: Pick<AdaptiveAveragePool, 'atLeast'>,
  size: number,
  extent: number,
): number {
  return op.atLeast ? Math.max(size, extent) : size;
}

/** Where part `index` of `parts` begins and ends along an axis. */
export function adaptiveWindow(index: number, extent: number, parts: number): readonly [number, number] {
  return [Math.floor((index * extent) / parts), Math.ceil(((index + 1) * extent) / parts)];
}

export const adaptiveAveragePool: OpRule<AdaptiveAveragePool> = {
  inputs: one,
  infer: (op, [input]) => {
    expectRank4(input);
    for (const side of ['height', 'width'] as const) {
      if (!Number.isInteger(op[side]) || op[side] < 1)
        throw new Error(`expected a ${side} that is a whole number of at least 1, got ${op[side]}`);
    }
    const [batch, height, width] = input.shape;
    const parts = (size: number, extent: number | null) =>
      op.atLeast && extent === null ? null : adaptiveParts(op, size, extent ?? 0);
    return {
      dtype: 'float32',
      shape: [batch, parts(op.height, height), parts(op.width, width), channelsOf(input)],
    };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
