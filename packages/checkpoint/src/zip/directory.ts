import { clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { findEnd } from './end.ts';

/** A file inside a zip archive, as the archive's directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  /** In the archive, in bytes. */
  readonly packedSize: number;
  /** Unpacked, in bytes. */
  readonly size: number;
  /** CRC-32 of what it unpacks to. */
  readonly crc32: number;
  /** Where its local header begins. */
  readonly headerAt: number;
}

/** Of the directory, in bytes: enough for half a million entries. */
const largestDirectory = 1 << 26;
/** Before the name and extra field of an entry, where it lies. */
export const localHeaderSize = 30;
const entryMark = 0x02014b50;
const entryHeaderSize = 46;
/** In 32 and in 16 bits: the number stands in the zip64 extra field. */
const elsewhere32 = 0xffffffff;
const elsewhere16 = 0xffff;

/**
 * The entries of a zip archive by name: stored or deflated, of one disk, none encrypted, none twice, none that overlaps
 * another or reaches outside the file.
 */
export async function readDirectory(bytes: ByteSource, fail: Fail): Promise<ReadonlyMap<string, ZipEntry>> {
  const { begin, size, count } = await findEnd(bytes, fail);
  if (size > largestDirectory)
    fail(`its directory takes ${size} bytes, at most ${largestDirectory} are allowed`);
  const directory = await readExactly(bytes, begin, size);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < size) {
    if (entries.size === count) fail(`its directory holds more than the ${count} entries that it claims`);
    const { entry, end } = readEntry(directory, at, fail);
    if (entries.has(entry.name)) fail(`it holds ${clip(entry.name)} twice`);
    entries.set(entry.name, entry);
    at = end;
  }
  if (entries.size !== count) fail(`its directory holds ${entries.size} entries, expected ${count}`);
  checkPlaces([...entries.values()], begin, fail);
  return entries;
}

function readEntry(directory: Uint8Array, at: number, fail: Fail): { entry: ZipEntry; end: number } {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  if (at + entryHeaderSize > view.byteLength || view.getUint32(at, true) !== entryMark)
    return fail(`its directory is damaged at byte ${at}`);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const [nameSize, extraSize, commentSize] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const extraAt = at + entryHeaderSize + nameSize;
  const end = extraAt + extraSize + commentSize;
  if (end > view.byteLength) return fail(`its directory ends inside an entry, at byte ${at}`);
  const name = new TextDecoder().decode(directory.subarray(at + entryHeaderSize, extraAt));
  const disk = view.getUint16(at + 34, true);
  if (flags & 1) return fail(`${clip(name)} is encrypted: unpack it with its password first`);
  if (method !== 0 && method !== 8)
    return fail(`${clip(name)} is packed by method ${method}, expected 0 (stored) or 8 (deflated)`);
  if (disk !== 0 && disk !== elsewhere16) return fail(`${clip(name)} lies on another disk of the archive`);

  const wide = wideNumbers(view, extraAt, extraSize);
  const number = (field: number): number => {
    const short = view.getUint32(at + field, true);
    if (short !== elsewhere32) return short;
    return wide.shift() ?? fail(`${clip(name)}: its zip64 numbers are missing`);
  };
  const size = number(24); // in this order they stand in the extra field
  const packedSize = number(20);
  const headerAt = number(42);
  if (method === 0 && packedSize !== size)
    return fail(`${clip(name)}: stored in ${packedSize} bytes, which is not its size of ${size}`);
  const crc32 = view.getUint32(at + 16, true);
  return { entry: { name, method, size, packedSize, crc32, headerAt }, end };
}

/** The numbers of 64 bits in the extra field that has them; those beyond 2⁵³ stay, and fit into no file. */
function wideNumbers(view: DataView, begin: number, size: number): number[] {
  const zip64 = 1;
  for (let at = begin; at + 4 <= begin + size; ) {
    const length = view.getUint16(at + 2, true);
    const next = at + 4 + length;
    if (view.getUint16(at, true) === zip64 && next <= begin + size)
      return Array.from({ length: length >> 3 }, (_, i) => Number(view.getBigUint64(at + 4 + 8 * i, true)));
    at = next;
  }
  return [];
}

/** Entries must lie one after the other before the directory: bytes that belong to two hide one file in another. */
function checkPlaces(entries: ZipEntry[], directoryBegin: number, fail: Fail): void {
  let reached = 0;
  for (const { name, headerAt, packedSize } of entries.sort((a, b) => a.headerAt - b.headerAt)) {
    if (headerAt < reached) fail(`${clip(name)} overlaps the entry before it`);
    reached = headerAt + localHeaderSize + packedSize;
    if (reached > directoryBegin)
      fail(`${clip(name)} ends at byte ${reached}, the directory begins at ${directoryBegin}`);
  }
}
