import type { ByteSource } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { readFields, type Span } from '../protobuf/fields.ts';
import { bytesFields, countOf, lastField } from '../protobuf/values.ts';

// Field numbers of tensor_slice.proto.
const sliceExtent = 1;
const extentStart = 1;
const extentLength = 2;

/** Of one axis: where a slice begins and how long it is; null where it has the whole axis. */
export type Extent = { readonly start: number; readonly length: number } | null;

/** A `TensorSliceProto`: an extent for each axis. */
export async function readSlice(bytes: ByteSource, span: Span, fail: Fail): Promise<Extent[]> {
  const extents: Extent[] = [];
  for (const extent of bytesFields(await readFields(bytes, span, fail), sliceExtent)) {
    const fields = await readFields(bytes, extent, fail);
    const isWhole = !lastField(fields, extentLength, 'varint');
    const start = countOf(fields, extentStart, 'the start of a slice', fail);
    const length = countOf(fields, extentLength, 'the length of a slice', fail);
    extents.push(isWhole ? null : { start, length });
  }
  return extents;
}

/**
 * The key under which a slice of a variable has an entry of its own, as text whose characters are its bytes: TensorFlow's
 * ordered code of 0, the name, the number of axes, then start and length of each.
 * @param key of the whole variable
 */
export function sliceKey(key: string, extents: readonly Extent[]): string {
  const escaped = key.replace(/[\0\xff]/g, (byte) => (byte === '\0' ? '\0\xff' : '\xff\0'));
  const axes = extents.map((extent) =>
    extent
      ? orderedSigned(extent.start) + orderedSigned(extent.length)
      : orderedSigned(0) + orderedSigned(-1),
  );
  return `\0${escaped}\0\x01${orderedCount(extents.length)}${axes.join('')}`;
}

/** How many bytes, then these, the highest first. */
function orderedCount(count: number): string {
  const bytes = bigEndian(BigInt(count)).replace(/^\0+/, '');
  return String.fromCharCode(bytes.length) + bytes;
}

/** The first bits say how many bytes follow: `10` for none, `110` for one, …, so that bytes sort as the numbers do. */
function orderedSigned(value: number): string {
  if (value === -1) return '\x7f';
  if (value < 64) return String.fromCharCode(0x80 | value);
  let length = 2;
  while (value >= 2 ** (7 * length - 1)) length++;
  const ones = ((1n << BigInt(length)) - 1n) << BigInt(7 * length);
  return bigEndian(BigInt(value) | ones).slice(-length);
}

function bigEndian(value: bigint): string {
  return Array.from({ length: 8 }, (_, i) =>
    String.fromCharCode(Number((value >> BigInt(8 * (7 - i))) & 0xffn)),
  ).join('');
}
