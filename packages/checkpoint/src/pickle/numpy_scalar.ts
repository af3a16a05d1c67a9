import type { Fail } from '../fail.ts';
import { NumpyDType } from './values.ts';

const readers: Readonly<
  Record<string, (view: DataView, littleEndian: boolean) => number | bigint | boolean>
> = {
  f8: (view, little) => view.getFloat64(0, little),
  f4: (view, little) => view.getFloat32(0, little),
  i8: (view, little) => view.getBigInt64(0, little),
  i4: (view, little) => view.getInt32(0, little),
  i2: (view, little) => view.getInt16(0, little),
  i1: (view) => view.getInt8(0),
  u8: (view, little) => view.getBigUint64(0, little),
  u4: (view, little) => view.getUint32(0, little),
  u2: (view, little) => view.getUint16(0, little),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
};

/** A number of NumPy, such as the best loss so far; null for kinds that are no plain number. */
export function numpyScalar([dtype, content]: readonly unknown[], fail: Fail): unknown {
  if (!(dtype instanceof NumpyDType)) return fail('a NumPy number has no dtype');
  const read = Object.hasOwn(readers, dtype.code) ? readers[dtype.code] : undefined;
  const bytes = bytesOf(content);
  if (!read || !bytes) return null;
  const size = Number(dtype.code.slice(1));
  if (bytes.byteLength !== size) return fail(`a NumPy number (${dtype.code}) has ${bytes.byteLength} bytes`);
  return read(new DataView(bytes.buffer, bytes.byteOffset, size), !dtype.isBigEndian);
}

/** Python 2 wrote bytes as text. */
function bytesOf(content: unknown): Uint8Array | undefined {
  if (typeof content === 'string') return Uint8Array.from(content, (char) => char.charCodeAt(0));
  return content instanceof Uint8Array ? content : undefined;
}
