import { allocate, type DataOf, type DType, holds } from './dtype.ts';
import { AtrousError } from './error.ts';
import { halvesToFloats } from './half.ts';

/** Dtype and shape: a tensor without its numbers. */
export interface TensorSpec<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
}

/** Numbers in row-major order; NHWC where the rank is 4. float16 is held as its bits. */
export interface Tensor<D extends DType = DType> extends TensorSpec<D> {
  readonly data: DataOf[D];
}

/** What a network takes or gives: a spec whose free dimensions are null. */
export interface Port {
  readonly dtype: DType;
  readonly shape: readonly (number | null)[];
}

/** How many elements a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** `float32[1,33,33,2048]`; free dimensions print as `?`. */
export function describeSpec(spec: TensorSpec | Port): string {
  return `${spec.dtype}[${spec.shape.map((extent) => extent ?? '?').join(',')}]`;
}

/**
 * A tensor from its parts; zeros when no data is given.
 * @throws AtrousError `shape` when the data's kind or length does not fit.
 */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data?: DataOf[D]): Tensor<D> {
  if (shape.some((extent) => !Number.isInteger(extent) || extent < 0)) {
    throw new AtrousError('shape', `tensor: expected whole numbers as shape, got [${shape.join(',')}]`);
  }
  const size = sizeOf(shape);
  const held = data ?? allocate(dtype, size);
  if (!holds(dtype, held)) {
    throw new AtrousError('shape', `tensor: ${dtype} cannot be held in ${held.constructor.name}`);
  }
  if (held.length !== size) {
    const spec = describeSpec({ dtype, shape });
    throw new AtrousError('shape', `tensor: ${spec} has ${size} elements, got ${held.length}`);
  }
  return { dtype, shape: [...shape], data: held };
}

/**
 * The numbers of a float tensor as float32: the same array for float32, a new one for float16.
 * @throws AtrousError `shape` for integer tensors.
 */
export function floatsOf(source: Tensor): Float32Array {
  if (source.dtype === 'float32') return source.data as Float32Array;
  if (source.dtype === 'float16') return halvesToFloats(source.data as Uint16Array);
  throw new AtrousError('shape', `expected float32 or float16, got ${describeSpec(source)}`);
}

/** True where a spec fits a port. */
export function fits(spec: TensorSpec, port: Port): boolean {
  return (
    spec.dtype === port.dtype &&
    spec.shape.length === port.shape.length &&
    spec.shape.every((extent, axis) => port.shape[axis] === null || port.shape[axis] === extent)
  );
}
