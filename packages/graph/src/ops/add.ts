import { describeSpec } from '@atrous/tensor';
import { noMultiplyAdds, noWeights, type OpRule } from './rule.ts';
import { sameShape } from './same_shape.ts';

/** Elementwise sum of two values of one shape: the residual connection. */
export interface Add {
  readonly kind: 'add';
}

export const add: OpRule<Add> = {
  inputs: { min: 2, max: 2 },
  infer: (_op, [a, b]) => {
    const shape = sameShape(a, b);
    if (!shape)
      throw new Error(`expected two values of one shape, got ${describeSpec(a)} and ${describeSpec(b)}`);
    return { dtype: 'float32', shape };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
