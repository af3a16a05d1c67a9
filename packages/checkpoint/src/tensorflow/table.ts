import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { toCount } from '../protobuf/values.ts';
import { readVarint } from '../protobuf/varint.ts';
import { maskedCrc32c } from './crc32c.ts';
import { unsnappy } from './snappy.ts';

/** Two places, padded, and the magic number. */
const footerSize = 48;
/** Its compression and its checksum, after each block. */
const trailerSize = 5;
/** An index of 20,000 variables takes 2 MB. */
const largestTable = 1 << 24;
const largestUnpacked = 1 << 26;

interface Place {
  readonly offset: number;
  readonly size: number;
}

/**
 * A table of LevelDB: values by key, keys as texts whose characters are their bytes. Checksums are verified.
 * Source: LevelDB's doc/table_format.md; TensorFlow writes blocks plain, and reads those that Snappy compressed.
 */
export async function readTable(bytes: ByteSource, fail: Fail): Promise<Map<string, Uint8Array>> {
  if (bytes.size > largestTable || bytes.size < footerSize)
    fail(`it has ${bytes.size} bytes, expected ${footerSize} to ${largestTable}`);
  const file = await readExactly(bytes, 0, bytes.size);
  const footer = file.subarray(file.length - footerSize);
  const meta = readPlace(footer, 0, fail);
  const index = readPlace(footer, meta.next, fail);
  readBlock(file, meta, fail); // holds nothing that is used, and must be sound all the same
  let unpacked = 0;
  const entries = new Map<string, Uint8Array>();
  for (const [, place] of blockEntries(readBlock(file, index, fail), fail)) {
    const block = readBlock(file, readPlace(place, 0, fail), fail);
    unpacked += block.length;
    if (unpacked > largestUnpacked) fail(`its blocks unpack to more than ${largestUnpacked} bytes`);
    for (const [key, value] of blockEntries(block, fail)) {
      if (entries.has(key)) fail('it has a key twice');
      entries.set(key, value);
    }
  }
  return entries;
}

function readPlace(bytes: Uint8Array, at: number, fail: Fail): Place & { readonly next: number } {
  const damaged = (): never => fail('the place of a block is damaged');
  const offset = readVarint(bytes, at) ?? damaged();
  const size = readVarint(bytes, at + offset.size) ?? damaged();
  return {
    offset: toCount(offset.value, 'the place of a block', fail),
    size: toCount(size.value, 'the size of a block', fail),
    next: at + offset.size + size.size,
  };
}

function readBlock(file: Uint8Array, { offset, size }: Place, fail: Fail): Uint8Array {
  const end = offset + size;
  if (end + trailerSize > file.length - footerSize)
    fail(
      `a block ends at byte ${end + trailerSize}, the file at ${file.length}: it is cut off, fetch it again`,
    );
  const stored = new DataView(file.buffer, file.byteOffset + end + 1, 4).getUint32(0, true);
  if (maskedCrc32c(file.subarray(offset, end + 1)) !== stored)
    fail(`the block at byte ${offset} does not have its checksum: it is damaged, fetch it again`);
  const compression = file[end];
  const block = file.subarray(offset, end);
  if (compression === 0) return block;
  if (compression === 1) return unsnappy(block, fail);
  return fail(`the block at byte ${offset} is compressed by method ${compression}, expected none or Snappy`);
}

/** Entries of a block: each key is written without what it shares with the one before. */
function* blockEntries(block: Uint8Array, fail: Fail): Generator<[key: string, value: Uint8Array]> {
  const damaged = (): never => fail('a block is damaged');
  if (block.length < 4) damaged();
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const restarts = view.getUint32(block.length - 4, true);
  const end = block.length - 4 * (1 + restarts);
  if (end < 0) damaged();
  let key = '';
  for (let at = 0; at < end; ) {
    const number = (): number => {
      const varint = readVarint(block, at) ?? damaged();
      at += varint.size;
      return Number(varint.value);
    };
    const shared = number();
    const rest = number();
    const length = number();
    if (shared > key.length || at + rest + length > end) damaged();
    key = key.slice(0, shared) + latin1(block.subarray(at, at + rest));
    yield [key, block.subarray(at + rest, at + rest + length)];
    at += rest + length;
  }
}

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
