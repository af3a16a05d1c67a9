import { channelsOf, noMultiplyAdds, type OpRule, one } from './rule.ts';

/** `(x − mean) / sqrt(variance + epsilon) · gamma + beta` per channel, with the moving statistics. */
export interface BatchNorm {
  readonly kind: 'batch_norm';
  readonly epsilon: number;
}

export const batchNorm: OpRule<BatchNorm> = {
  inputs: one,
  infer: (_op, [input]) => input,
  weights: (_op, [input]) => {
    const shape = [channelsOf(input)];
    return { gamma: shape, beta: shape, mean: shape, variance: shape };
  },
  multiplyAdds: noMultiplyAdds,
};
