import { describe, type Port } from '@atrous/tensor';
import { noMultiplyAdds, noWeights, type OpRule } from './rule.ts';

/** Elementwise sum of two values of one shape: the residual connection. */
export interface Add {
  readonly kind: 'add';
}

export const add: OpRule<Add> = {
  inputs: { min: 2, max: 2 },
  infer: (_op, [a, b]) => {
    const agrees = (x: number | null, y: number | null) => x === y || x === null || y === null;
    if (
      a.shape.length !== b.shape.length ||
      !a.shape.every((extent, axis) => agrees(extent, b.shape[axis]))
    ) {
      throw new Error(`expected two values of one shape, got ${describe(a)} and ${describe(b)}`);
    }
    const shape: Port['shape'] = a.shape.map((extent, axis) => extent ?? b.shape[axis]);
    return { dtype: 'float32', shape };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
