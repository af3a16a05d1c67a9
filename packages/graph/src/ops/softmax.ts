import { channelsOf, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/** Probabilities over the channels. */
export interface Softmax {
  readonly kind: 'softmax';
}

export const softmax: OpRule<Softmax> = {
  inputs: one,
  infer: (_op, [input]) => {
    channelsOf(input);
    return input;
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
