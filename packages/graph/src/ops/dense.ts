import { sizeOf } from '@atrous/tensor';
import { channelsOf, type OpRule, one } from './rule.ts';

/** Fully connected: [N, in] to [N, units]. Kernel [in, out]. */
export interface Dense {
  readonly kind: 'dense';
  readonly units: number;
  readonly bias: boolean;
}

export const dense: OpRule<Dense> = {
  inputs: one,
  infer: (op, [input]) => {
    if (input.shape.length !== 2) throw new Error(`expected [N,C], got rank ${input.shape.length}`);
    channelsOf(input);
    return { dtype: 'float32', shape: [input.shape[0], op.units] };
  },
  weights: (op, [input]) => ({
    kernel: [channelsOf(input), op.units],
    ...(op.bias && { bias: [op.units] }),
  }),
  multiplyAdds: (_op, [input], output) => sizeOf(output.shape) * channelsOf(input),
};
