import { noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';

/**
 * `relu`: max(x, 0); `relu6`: min(max(x, 0), 6); `elu`: x where x > 0, else exp(x) − 1;
 * `hardsigmoid`: min(max(x + 3, 0), 6) / 6; `hardswish`: x · hardsigmoid(x) (Howard et al. 2019, "Searching for
 * MobileNetV3", section 5.2).
 */
export type ActivationFunction = 'relu' | 'relu6' | 'elu' | 'hardswish' | 'hardsigmoid';

/** Elementwise. */
export interface Activation {
  readonly kind: 'activation';
  readonly function: ActivationFunction;
}

export const activation: OpRule<Activation> = {
  inputs: one,
  infer: (_op, [input]) => input,
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
