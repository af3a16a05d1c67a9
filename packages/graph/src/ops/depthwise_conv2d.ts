import { sizeOf } from '@atrous/tensor';
import { channelsOf, type OpRule, one } from './rule.ts';
import { type DilatedWindow, slide } from './window.ts';

/** One filter per channel. Kernel [kh, kw, C]; input and output [N,H,W,C]. */
export interface DepthwiseConv2d extends DilatedWindow {
  readonly kind: 'depthwise_conv2d';
  readonly bias: boolean;
}

export const depthwiseConv2d: OpRule<DepthwiseConv2d> = {
  inputs: one,
  infer: (op, [input]) => ({
    dtype: 'float32',
    shape: [input.shape[0], ...slide(op, input), channelsOf(input)],
  }),
  weights: (op, [input]) => ({
    kernel: [...op.kernel, channelsOf(input)],
    ...(op.bias && { bias: [channelsOf(input)] }),
  }),
  multiplyAdds: (op, _inputs, output) => sizeOf(output.shape) * sizeOf(op.kernel),
};
