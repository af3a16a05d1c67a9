import type { Fail } from '../fail.ts';
import { inflate } from '../zip/inflate.ts';
import { type Cursor, textOf } from './cursor.ts';

/** What was done to a chunk when it was written. */
export interface Filter {
  readonly id: number;
  readonly name: string;
}

const deflate = 1;
const shuffle = 2;
const checksum = 3;

/** Reads a message that lists filters, in the order in which they were applied. */
export function readFilters(message: Cursor): Filter[] {
  const version = message.uint(1);
  if (version !== 1 && version !== 2)
    message.fail(`a list of filters has version ${version}, expected 1 or 2`);
  const count = message.uint(1);
  if (version === 1) message.skip(6);
  return Array.from({ length: count }, () => {
    const id = message.uint(2);
    const nameSize = version === 1 || id >= 256 ? message.uint(2) : 0;
    message.skip(2);
    const values = message.uint(2);
    const name = textOf(message.take(version === 1 ? Math.ceil(nameSize / 8) * 8 : nameSize));
    message.skip(4 * (values + (version === 1 ? values % 2 : 0)));
    return { id, name };
  });
}

/**
 * Undoes the filters of a chunk. @param skipped a bit for each filter that was not applied
 * @param size of the chunk, unpacked, in bytes
 */
export async function unpackChunk(
  bytes: Uint8Array,
  filters: readonly Filter[],
  skipped: number,
  { size, bytesPerElement, name }: { size: number; bytesPerElement: number; name: string },
  fail: Fail,
): Promise<Uint8Array> {
  let unpacked = bytes;
  for (const [i, filter] of [...filters.entries()].reverse()) {
    if ((skipped >> i) & 1) continue;
    if (filter.id === deflate) {
      const zlibHead = 2;
      const zlibTail = 4;
      unpacked = await inflate(unpacked.subarray(zlibHead, unpacked.byteLength - zlibTail), size, name);
    } else if (filter.id === shuffle) unpacked = unshuffle(unpacked, bytesPerElement);
    else if (filter.id === checksum) unpacked = unpacked.subarray(0, Math.max(0, unpacked.byteLength - 4));
    else fail(`it is packed by filter ${filter.id} (${filter.name}), expected gzip, shuffle or fletcher32`);
  }
  if (unpacked.byteLength !== size) fail(`a chunk unpacks to ${unpacked.byteLength} bytes, expected ${size}`);
  return unpacked;
}

/** First all first bytes of elements, then all second ones, … → element by element. */
function unshuffle(bytes: Uint8Array, width: number): Uint8Array {
  const count = Math.floor(bytes.byteLength / width);
  const elements = bytes.slice();
  for (let byte = 0; byte < width; byte++) {
    for (let i = 0; i < count; i++) elements[i * width + byte] = bytes[byte * count + i];
  }
  return elements;
}
