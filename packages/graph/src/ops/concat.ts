import { describeSpec } from '@atrous/tensor';
import { channelsOf, noMultiplyAdds, noWeights, type OpRule } from './rule.ts';

/** Values side by side along the channels, in the order of the inputs. */
export interface Concat {
  readonly kind: 'concat';
}

export const concat: OpRule<Concat> = {
  inputs: { min: 1, max: Number.POSITIVE_INFINITY },
  infer: (_op, inputs) => {
    const shape = [...inputs[0].shape];
    let channels = 0;
    for (const input of inputs) {
      channels += channelsOf(input);
      for (let axis = 0; axis < shape.length - 1; axis++) {
        const extent = input.shape[axis];
        if (
          input.shape.length !== shape.length ||
          (shape[axis] !== null && extent !== null && shape[axis] !== extent)
        ) {
          throw new Error(
            `expected values that differ in channels alone, got ${inputs.map(describeSpec).join(', ')}`,
          );
        }
        shape[axis] ??= extent;
      }
    }
    shape[shape.length - 1] = channels;
    return { dtype: 'float32', shape };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
