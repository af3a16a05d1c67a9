import { type DilatedWindow, samePadding } from '@atrous/graph';
import { boundPadding, reach } from '@atrous/graph/lowering';
import type { Emitter, Made } from './emitter.ts';
import { paddings } from './schema.ts';

/** A value under a window: the tensor that the window slides over, and the number of the padding it slides with. */
export interface Padded {
  readonly input: number;
  readonly padding: number;
  /** Whether an operator before it has padded. */
  readonly isPadded: boolean;
}

/** The least float32, for padding that is never the largest value. */
const leastFloat = -3.4028234663852886e38;

/**
 * TensorFlow Lite has no padding by numbers: none, or what keeps the size over the stride. All else is an operator before it.
 * @param shape [N,H,W,C] of the input
 * @param fill what padding holds: 0, or the least number, where it must never be the largest
 */
export function padded(
  emitter: Emitter,
  { kernel, stride, dilation, padding }: DilatedWindow,
  input: number,
  { name, shape }: Made,
  fill: 'zero' | 'least' = 'zero',
): Padded {
  const pads = boundPadding(padding);
  if (pads.every((pad) => pad === 0)) return { input, padding: paddings.valid, isPadded: false };
  const isSame = [0, 1].every((axis) => {
    const [extent, step, wide] = [shape[1 + axis], stride[axis], reach(kernel[axis], dilation[axis])];
    const [before, after] = samePadding(extent, kernel[axis], step, dilation[axis]);
    // Where the last window ends before the input does, XNNPACK (2025) takes what is left over for padding.
    const isCovered = (Math.ceil(extent / step) - 1) * step + wide >= extent;
    return isCovered && pads[2 * axis] === before && pads[2 * axis + 1] === after;
  });
  if (isSame) return { input, padding: paddings.same, isPadded: false };
  const [top, bottom, left, right] = pads;
  const sides = emitter.int32([0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  const made = {
    name: `${name}/padded`,
    shape: [shape[0], shape[1] + top + bottom, shape[2] + left + right, shape[3]],
  };
  const after =
    fill === 'zero'
      ? emitter.operator('PAD', {}, [input, sides], made)
      : emitter.operator('PADV2', {}, [input, sides, emitter.floats([leastFloat], [])], made);
  return { input: after, padding: paddings.valid, isPadded: true };
}
