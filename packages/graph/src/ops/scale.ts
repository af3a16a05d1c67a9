import { noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/** `x · factor`: a residual made smaller before it is added (Szegedy et al. 2016, "Inception-v4", section 3.3). */
export interface Scale {
  readonly kind: 'scale';
  readonly factor: number;
}

export const scale: OpRule<Scale> = {
  inputs: one,
  infer: (op, [input]) => {
    if (!Number.isFinite(op.factor)) throw new Error(`expected a finite factor, got ${op.factor}`);
    return input;
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
