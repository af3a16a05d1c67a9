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
  const strides: Record<string, number> = {};
  let step = 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    strides[from[axis]] = step;
    step *= source.shape[axis];
  }
  const runs = merged([...to].map((axis, i) => ({ extent: shape[i], stride: strides[axis] ?? 0 })));
  const data = allocate(source.dtype, source.data.length);
  permute(source.data, data, runs);
  return tensor(source.dtype, shape, data);
}

/** An axis of the result: its length, and how far its neighbours lie apart in what is turned. */
interface Run {
  readonly extent: number;
  readonly stride: number;
}

/** Axes of one element go; neighbours that were neighbours before are one. */
function merged(axes: readonly Run[]): Run[] {
  const runs: Run[] = [];
  for (const axis of axes) {
    if (axis.extent === 1) continue;
    const outer = runs.at(-1);
    if (outer?.stride === axis.stride * axis.extent) {
      runs[runs.length - 1] = { extent: outer.extent * axis.extent, stride: axis.stride };
    } else runs.push(axis);
  }
  return runs;
}

/** So many elements of two axes at a time: what is read and what is written both stay in the first cache. */
const block = 32;

/** Writes `to` in its order. The axis that lies together in `from` and the one that does in `to` are gone through in blocks. */
function permute(from: Tensor['data'], to: Tensor['data'], runs: readonly Run[]): void {
  const inner = runs.at(-1) ?? { extent: 1, stride: 1 };
  const near = runs.findIndex(({ stride }) => stride === 1);
  const across = near < 0 || near === runs.length - 1 ? { extent: 1, stride: 0 } : runs[near];
  const steps = runs.map((_, i) => runs.slice(i + 1).reduce((size, { extent }) => size * extent, 1));
  const acrossStep = steps[near] ?? 0;
  const plane = (offset: number, at: number) => {
    for (let i0 = 0; i0 < across.extent; i0 += block) {
      const i1 = Math.min(i0 + block, across.extent);
      for (let j0 = 0; j0 < inner.extent; j0 += block) {
        const j1 = Math.min(j0 + block, inner.extent);
        for (let i = i0; i < i1; i++) {
          const row = at + i * acrossStep;
          const column = offset + i;
          for (let j = j0; j < j1; j++) to[row + j] = from[column + j * inner.stride];
        }
      }
    }
  };
  const walk = (axis: number, offset: number, at: number): void => {
    if (axis >= runs.length - 1) plane(offset, at);
    else if (axis === near) walk(axis + 1, offset, at);
    else
      for (let i = 0; i < runs[axis].extent; i++)
        walk(axis + 1, offset + i * runs[axis].stride, at + i * steps[axis]);
  };
  walk(0, 0, 0);
}
