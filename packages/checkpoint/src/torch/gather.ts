import { sizeOf } from '@atrous/tensor';

type Elements = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** True where the elements lie one after the other in row-major order. */
export function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/**
 * The elements of a strided view in row-major order.
 * @param bytes from the view's first element to its last
 * @param elementSize in bytes: 1, 2, 4 or 8
 */
export function gatherElements(
  bytes: Uint8Array,
  elementSize: number,
  shape: readonly number[],
  stride: readonly number[],
): Uint8Array {
  const source = elementsOf(bytes, elementSize);
  const gathered = elementsOf(new Uint8Array(sizeOf(shape) * elementSize), elementSize);
  let filled = 0;
  const copy = (axis: number, from: number): void => {
    if (axis === shape.length) gathered[filled++] = source[from];
    else for (let i = 0; i < shape[axis]; i++) copy(axis + 1, from + i * stride[axis]);
  };
  copy(0, 0);
  return new Uint8Array(gathered.buffer);
}

/** A copy with the bytes of each element in the other order. */
export function swapBytes(bytes: Uint8Array, elementSize: number): Uint8Array {
  const swapped = new Uint8Array(bytes.byteLength);
  for (let i = 0; i < bytes.byteLength; i++) {
    const within = i % elementSize;
    swapped[i - within + (elementSize - 1 - within)] = bytes[i];
  }
  return swapped;
}

/** Bytes as elements of their size; what they stand for does not matter here. */
function elementsOf(bytes: Uint8Array, elementSize: number): Elements {
  const aligned = bytes.byteOffset % elementSize === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  const kinds = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array };
  const Kind = kinds[elementSize as keyof typeof kinds];
  return new Kind(buffer as ArrayBuffer, byteOffset, byteLength / elementSize);
}
