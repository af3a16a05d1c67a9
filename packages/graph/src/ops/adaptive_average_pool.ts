import { channelsOf, expectRank4, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/**
 * Means over windows that divide the input into `height` × `width` parts, whatever its size, by PyTorch's rule: part i
 * of n spans ⌊i·extent/n⌋ to ⌈(i + 1)·extent/n⌉. Parts may overlap, and repeat where the input is smaller.
 */
export interface AdaptiveAveragePool {
  readonly kind: 'adaptive_average_pool';
  readonly height: number;
  readonly width: number;
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
    return { dtype: 'float32', shape: [input.shape[0], op.height, op.width, channelsOf(input)] };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
