import { channelsOf, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';
import { slide, type Window } from './window.ts';

/** Largest or mean value under a window. Padding is never a value of the largest. */
export interface Pool extends Window {
  readonly kind: 'pool';
  readonly function: 'max' | 'average';
  /** Of `average`: whether padding counts as zeros, so that the divisor is the kernel's size everywhere. @default false */
  readonly countPadding?: boolean;
}

export const pool: OpRule<Pool> = {
  inputs: one,
  infer: (op, [input]) => ({
    dtype: 'float32',
    shape: [input.shape[0], ...slide({ ...op, dilation: [1, 1] }, input), channelsOf(input)],
  }),
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
