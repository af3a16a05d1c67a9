import { channelsOf, noMultiplyAdds, noWeights, type OpRule, one } from './rule.ts';
import { boundPadding, slide, type Window } from './window.ts';

/** Largest or mean value under a window. Padding is never a value of the largest. */
export interface Pool extends Window {
  readonly kind: 'pool';
  readonly function: 'max' | 'average';
  /** Of `average`: whether padding counts as zeros, so that the divisor is the kernel's size everywhere. @default false */
  readonly countPadding?: boolean;
}

/** How many rows and columns of each window of a bound pool are no padding: [out height] and [out width]. */
export function countTaps(
  { kernel, stride, padding }: Pool,
  height: number,
  width: number,
): { readonly rows: readonly number[]; readonly columns: readonly number[] } {
  const [top, bottom, left, right] = boundPadding(padding);
  const along = (axis: 0 | 1, extent: number, before: number, after: number) => {
    const count = Math.floor((extent + before + after - kernel[axis]) / stride[axis]) + 1;
    return Array.from({ length: count }, (_, i) => {
      const begin = i * stride[axis] - before;
      return Math.min(begin + kernel[axis], extent) - Math.max(begin, 0);
    });
  };
  return { rows: along(0, height, top, bottom), columns: along(1, width, left, right) };
}

export const pool: OpRule<Pool> = {
  inputs: one,
  infer: (op, [input]) => ({
    dtype: 'float32',
    shape: [input.shape[0], ...slide({ ...op, dilation: [1, 1] }, input), channelsOf(input)],
  }),
  weights: noWeights,
  multiplyAdds: noMultiplyAdds,
};
