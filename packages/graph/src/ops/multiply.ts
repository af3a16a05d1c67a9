import { describeSpec, type Port } from '@atrous/tensor';
import { noMultiplyAdds, noWeights, type OpRule } from './rule.ts';
import { sameShape } from './same_shape.ts';

/**
 * Elementwise product of two values of one shape, or of [N,H,W,C] and a number per channel, [N,1,1,C]: how
 * squeeze-and-excite weighs channels (Hu et al. 2018).
 */
export interface Multiply {
  readonly kind: 'multiply';
}

/** Whether the second factor has one number for each channel of the first. */
const isPerChannel = (a: Port, b: Port): boolean =>
  a.shape.length === 4 && b.shape.length === 4 && b.shape[1] === 1 && b.shape[2] === 1;

export const multiply: OpRule<Multiply> = {
  inputs: { min: 2, max: 2 },
  infer: (_op, [a, b]) => {
    const [batch, height, width, channels] = a.shape;
    const spread: Port = isPerChannel(a, b) ? { ...b, shape: [b.shape[0], height, width, b.shape[3]] } : b;
    const shape = sameShape(a, spread);
    if (!shape) {
      throw new Error(
        `expected two values of one shape, or a second one of [${batch ?? '?'},1,1,${channels ?? '?'}], got ${describeSpec(a)} and ${describeSpec(b)}`,
      );
    }
    return { dtype: 'float32', shape };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
