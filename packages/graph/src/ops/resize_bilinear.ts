import type { ResizeConvention } from '@atrous/tensor';
import { channelsOf, expectRank4, noMultiplyAdds, noWeights, type OpRule } from './rule.ts';

/** Resizes its first input to the height and width of its second, so that a network's sizes stay free. */
export interface ResizeBilinear {
  readonly kind: 'resize_bilinear';
  readonly convention: ResizeConvention;
}

export const resizeBilinear: OpRule<ResizeBilinear> = {
  inputs: { min: 2, max: 2 },
  infer: (_op, [input, like]) => {
    expectRank4(input);
    expectRank4(like);
    return { dtype: 'float32', shape: [input.shape[0], like.shape[1], like.shape[2], channelsOf(input)] };
  },
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
