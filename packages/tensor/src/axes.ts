import { allocate } from './dtype.ts';
import { AtrousError } from './error.ts';
import { type Tensor, tensor } from './tensor.ts';

/**
 * The axes of a weight, slowest first: H, W, I (input channels), O (output channels), C (depthwise channels), and
 * 1 for an axis of one. Ours are HWIO, HWC and IO.
 */
export type Axes = string;

/** What shape a weight has in other axes. */
export function reshapeAxes(shape: readonly number[], from: Axes, to: Axes): number[] {
  return [...to].map((axis) => (axis === '1' ? 1 : shape[from.indexOf(axis)]));
}

/** Turns a weight from one order of axes into another. */
export function permuteAxes(source: Tensor, from: Axes, to: Axes): Tensor {
  if (from.length !== source.shape.length) {
    throw new AtrousError('shape', `expected the axes ${from}, got [${source.shape.join(',')}]`);
  }
  const shape = reshapeAxes(source.shape, from, to);
  if (from.replaceAll('1', '') === to.replaceAll('1', '')) return tensor(source.dtype, shape, source.data);
  const steps = new Map<string, number>();
  let step = 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    steps.set(from[axis], step);
    step *= source.shape[axis];
  }
  const data = allocate(source.dtype, source.data.length);
  const walk = (axis: number, offset: number, at: number): number => {
    if (axis === to.length) {
      data[at] = source.data[offset];
      return at + 1;
    }
    const stride = to[axis] === '1' ? 0 : steps.get(to[axis])!;
    let next = at;
    if (axis === to.length - 1) {
      for (let i = 0; i < shape[axis]; i++) data[next++] = source.data[offset + i * stride];
      return next;
    }
    for (let i = 0; i < shape[axis]; i++) next = walk(axis + 1, offset + i * stride, next);
    return next;
  };
  walk(0, 0, 0);
  return tensor(source.dtype, shape, data);
}
