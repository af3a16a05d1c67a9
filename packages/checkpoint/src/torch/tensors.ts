import { brief } from '../brief.ts';
import { type Fail, isCount } from '../fail.ts';
import type { TorchDType } from './dtypes.ts';

/** Bytes outside the pickle, which tensors are views of. */
export class TorchStorage {
  /** What its file is called. */
  readonly key: string;
  /** Null where the storage says nothing of what its bytes are. */
  readonly dtype: TorchDType | null;
  /** Of the file that it lies in, in bytes. */
  readonly fileSize: number;
  /** Where it begins there, in bytes: older files have storages that are parts of others. */
  readonly begin: number;
  /** In bytes. */
  readonly size: number;

  constructor(key: string, dtype: TorchDType | null, fileSize: number, begin = 0, size: number = fileSize) {
    this.key = key;
    this.dtype = dtype;
    this.fileSize = fileSize;
    this.begin = begin;
    this.size = size;
  }
}

/** A tensor: where its elements lie in its storage. */
export class TorchTensor {
  readonly storage: TorchStorage;
  readonly dtype: TorchDType;
  /** Of the first element, in elements. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** In elements, one for each axis. */
  readonly stride: readonly number[];

  constructor(
    storage: TorchStorage,
    dtype: TorchDType,
    offset: number,
    shape: readonly number[],
    stride: readonly number[],
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.offset = offset;
    this.shape = shape;
    this.stride = stride;
  }
}

/** A tensor that has a name and a shape and cannot be read. */
export class UnreadableTensor {
  readonly shape: readonly number[];
  /** e.g. `a sparse tensor` */
  readonly what: string;

  constructor(shape: readonly number[], what: string) {
    this.shape = shape;
    this.what = what;
  }
}

/** PyTorch's own limit. */
export const mostAxes = 64;
/** A view may repeat elements (`expand`); beyond so many it would take memory that the file does not pay for. */
const mostRepeated = 1 << 20;

/** Shape or strides. */
export function readCounts(value: unknown, what: string, fail: Fail): readonly number[] {
  const isSound = Array.isArray(value) && value.length <= mostAxes && value.every(isCount);
  return isSound ? [...value] : fail(`${what} ${brief(value)} is no list of whole numbers`);
}

/** A tensor whose elements all lie in its storage. */
export function makeTensor(
  [storage, offset, size, steps]: readonly unknown[],
  fail: Fail,
  dtype: TorchDType | null = storage instanceof TorchStorage ? storage.dtype : null,
): TorchTensor {
  if (!(storage instanceof TorchStorage))
    return fail(`a tensor is made of ${brief(storage)}, expected a storage`);
  if (!dtype) return fail('a tensor is made of an untyped storage, and has no dtype of its own');
  if (!isCount(offset)) return fail(`a tensor begins at ${brief(offset)}, expected a whole number`);
  const shape = readCounts(size, 'shape', fail);
  const stride = readCounts(steps, 'stride', fail);
  if (shape.length !== stride.length)
    return fail(`shape ${brief(shape)} and stride ${brief(stride)} differ in length`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const held = Math.floor(storage.size / dtype.size);
  if (!(count <= Math.max(held, mostRepeated)))
    return fail(`shape ${brief(shape)} has ${count} elements, its storage ${held}`);
  const end = count === 0 ? 0 : endOf(offset, shape, stride);
  if (end > held)
    return fail(`a tensor of shape ${brief(shape)} ends at element ${end}, its storage has ${held}`);
  return new TorchTensor(storage, dtype, offset, shape, stride);
}

/** One past the last element, in elements of the storage. */
export function endOf(offset: number, shape: readonly number[], stride: readonly number[]): number {
  return shape.reduce((last, extent, axis) => last + (extent - 1) * stride[axis], offset) + 1;
}
