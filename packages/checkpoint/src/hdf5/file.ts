import { AtrousError } from '@atrous/tensor';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { Cursor, type Widths } from './cursor.ts';

/** An HDF5 file. Addresses count from where the format begins, which may be behind a user block. */
export interface Hdf5File {
  readonly name: string;
  /** In bytes, from address 0. */
  readonly size: number;
  /** The address of the root group's header. */
  readonly root: number;
  readonly widths: Widths;
  readonly fail: Fail;
  /** A block of metadata. @throws AtrousError `format` past the end, or when a file makes us read without end */
  block(address: number, size: number): Promise<Cursor>;
  /** A tensor's bytes, which nothing keeps. @throws AtrousError `format` past the end */
  data(address: number, size: number): Promise<Uint8Array>;
}

/** What is read at once for metadata, in bytes, and how many such pages stay in memory. */
const pageSize = 1 << 15;
const pagesKept = 64;
/**
 * How much metadata is read in all, however often: a network of 8,000 weights takes 120,000 blocks and 50 MB. Damaged groups
 * whose branches meet again would be read for ever.
 */
const limitsFor = (fileSize: number) => ({
  blocks: Math.min(1 << 17, 1000 + fileSize / 8),
  bytes: Math.min(1 << 26, (1 << 20) + 16 * fileSize),
});

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const largestUserBlock = 1 << 20;

/** Opens an HDF5 file: only its superblock is read. @throws AtrousError `format` */
export async function openHdf5(bytes: ByteSource): Promise<Hdf5File> {
  const fail: Fail = (why) => {
    throw new AtrousError('format', `${bytes.name}: not a sound HDF5 file: ${why}`);
  };
  const base = await findBase(bytes, fail);
  const size = bytes.size - base;
  const page = pageCache(bytes);
  const head = await readExactly(bytes, base, Math.min(size, 128));
  const { root, widths } = readSuperblock(
    new Cursor(head, { address: 8, length: 8 }, fail),
    bytes.size,
    fail,
  );

  const check = (address: number, length: number): void => {
    if (address + length > size)
      fail(`it refers to ${length} bytes at ${address}, the file has ${size}: it is damaged, fetch it again`);
  };
  const limits = limitsFor(size);
  let bytesRead = 0;
  let blocksRead = 0;
  return {
    name: bytes.name,
    size,
    root,
    widths,
    fail,
    async block(address, length) {
      check(address, length);
      bytesRead += length;
      blocksRead++;
      if (blocksRead > limits.blocks || bytesRead > limits.bytes)
        fail(`it has more metadata than a file of ${size} bytes can need: its groups go round in circles`);
      return new Cursor(await page(base + address, length), widths, fail);
    },
    async data(address, length) {
      check(address, length);
      return readExactly(bytes, base + address, length);
    },
  };
}

/** Where the signature stands: at 0, 512, 1024, 2048, … */
async function findBase(bytes: ByteSource, fail: Fail): Promise<number> {
  for (let at = 0; at + signature.length <= bytes.size && at <= largestUserBlock; at = at ? at * 2 : 512) {
    const found = await readExactly(bytes, at, signature.length);
    if (signature.every((byte, i) => found[i] === byte)) return at;
  }
  return fail('its signature is missing');
}

function readSuperblock(cursor: Cursor, fileSize: number, fail: Fail): { root: number; widths: Widths } {
  cursor.skip(signature.length);
  const version = cursor.uint(1);
  if (version > 3) fail(`its superblock has version ${version}, expected 0 to 3`);
  if (version < 2) cursor.skip(4);
  const widths = { address: cursor.uint(1), length: cursor.uint(1) };
  if (![2, 4, 8].includes(widths.address) || ![2, 4, 8].includes(widths.length))
    fail(`its addresses have ${widths.address} bytes and its lengths ${widths.length}, expected 2, 4 or 8`);
  cursor.skip(version < 2 ? 9 + (version === 1 ? 4 : 0) : 1);
  const fields = new Cursor(cursor.take(cursor.left), widths, fail);
  fields.address(); // the base: where the signature was found
  fields.address(); // free space, or the superblock's extension
  const end = fields.address() ?? 0;
  if (end > fileSize)
    fail(`it has ${fileSize} bytes, its superblock says ${end}: it is cut off, fetch it again`);
  if (version < 2) {
    fields.address(); // the driver's information
    fields.address(); // the name of the root group in its parent: there is none
  }
  return { root: fields.address() ?? fail('it has no root group'), widths };
}

/** Reads through pages, of which the last used stay. What lies across pages is read as it is. */
function pageCache(bytes: ByteSource): (offset: number, length: number) => Promise<Uint8Array> {
  const pages = new Map<number, Promise<Uint8Array>>();
  return async (offset, length) => {
    const index = Math.floor(offset / pageSize);
    const begin = index * pageSize;
    if (offset + length > begin + pageSize) return readExactly(bytes, offset, length);
    const page = pages.get(index) ?? readExactly(bytes, begin, Math.min(pageSize, bytes.size - begin));
    pages.delete(index);
    pages.set(index, page);
    if (pages.size > pagesKept) pages.delete(pages.keys().next().value as number);
    return (await page).subarray(offset - begin, offset - begin + length);
  };
}
