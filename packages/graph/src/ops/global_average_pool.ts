import { channelsOf, expectRank4, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/** The mean over height and width: [N,H,W,C] to [N,1,1,C], or to [N,C] when flattened. */
export interface GlobalAveragePool {
  readonly kind: 'global_average_pool';
  readonly flatten: boolean;
}

export const globalAveragePool: OpRule<GlobalAveragePool> = {
  inputs: one,
  infer: (op, [input]) => {
    expectRank4(input);
    const channels = channelsOf(input);
    return {
      dtype: 'float32',
      shape: op.flatten ? [input.shape[0], channels] : [input.shape[0], 1, 1, channels],
    };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
