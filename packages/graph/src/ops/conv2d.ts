import { sizeOf } from '@atrous/tensor';
import { channelsOf, type OpRule, one } from './rule.ts';
import { type DilatedWindow, slide } from './window.ts';

/** Ordinary convolution. Kernel [kh, kw, in, out]; input and output [N,H,W,C]. */
export interface Conv2d extends DilatedWindow {
  readonly kind: 'conv2d';
  readonly channels: number;
  readonly bias: boolean;
}

export const conv2d: OpRule<Conv2d> = {
  inputs: one,
  infer: (op, [input]) => ({
    dtype: 'float32',
    shape: [input.shape[0], ...slide(op, input), op.channels],
  }),
  weights: (op, [input]) => ({
    kernel: [...op.kernel, channelsOf(input), op.channels],
    ...(op.bias && { bias: [op.channels] }),
  }),
  multiplyAdds: (op, [input], output) => sizeOf(output.shape) * sizeOf(op.kernel) * channelsOf(input),
};
