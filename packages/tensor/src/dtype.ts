import { AtrousError } from './error.ts';

/** The array that holds each dtype. float16 is held as its bits. */
export interface DataOf {
  float32: Float32Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int32: Int32Array;
}

export type DType = keyof DataOf;
export type TypedArray = DataOf[DType];

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
} as const;

export const dtypes: readonly DType[] = Object.keys(arrays) as DType[];

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return arrays[dtype].BYTES_PER_ELEMENT;
}

/** A zeroed array for `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): DataOf[D] {
  return new arrays[dtype](length) as DataOf[D];
}

/** A typed view of bytes; copies when the bytes do not lie on the element's boundary. */
export function viewBytes<D extends DType>(dtype: D, bytes: Uint8Array): DataOf[D] {
  const size = bytesPerElement(dtype);
  if (bytes.byteLength % size !== 0) {
    throw new AtrousError('format', `${dtype}: ${bytes.byteLength} bytes are not a multiple of ${size}`);
  }
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const view = new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, bytes.byteLength / size);
  return view as DataOf[D];
}

/** True where `data` is the array kind that `dtype` is held in. */
export function holds(dtype: DType, data: unknown): boolean {
  return data instanceof arrays[dtype] || (dtype === 'uint8' && data instanceof Uint8ClampedArray);
}
