import { channelsOf, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/** The channel with the largest value, the lowest of equals: [N,H,W,C] to [N,H,W], uint8 up to 256 channels, else int32. */
export interface ArgMax {
  readonly kind: 'arg_max';
}

export const argMax: OpRule<ArgMax> = {
  inputs: one,
  infer: (_op, [input]) => ({
    dtype: channelsOf(input) <= 256 ? 'uint8' : 'int32',
    shape: input.shape.slice(0, -1),
  }),
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
