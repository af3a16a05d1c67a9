import { clip } from '../brief.ts';
import type { Fail } from '../fail.ts';

/** Headers and contents fill blocks of so many bytes. */
export const blockSize = 512;

/** A header of a tar archive, as it stands there. */
export interface TarHeader {
  readonly name: string;
  /** Of the content behind it, in bytes. */
  readonly size: number;
  /** What it is: `0` a file, `5` a folder, `x` and `L` attributes and name of the next one, … */
  readonly type: string;
}

/** Reads a header; undefined for a block of zeros, which ends an archive. */
export function readHeader(block: Uint8Array, fail: Fail): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!isHeader(block)) fail('its checksum is wrong');
  const name = textAt(block, 0, 100);
  const isPosix = textAt(block, 257, 6) === 'ustar'; // GNU's mark goes on with a space, and other fields follow it
  const folder = isPosix ? textAt(block, 345, 155) : '';
  return {
    name: folder ? `${folder}/${name}` : name,
    size: numberAt(block, 124, 12) ?? fail(`the size of ${clip(name)} is no number`),
    type: String.fromCharCode(block[156] || 0x30), // the first archives have 0 for a file
  };
}

const checksumAt = 148;
const checksumSize = 8;

/** Whether a block is a header: its checksum says so, also in archives from before the mark `ustar`. */
export function isHeader(block: Uint8Array): boolean {
  if (block.length < blockSize) return false;
  let sum = 0;
  for (let i = 0; i < blockSize; i++)
    sum += i >= checksumAt && i < checksumAt + checksumSize ? 0x20 : block[i];
  return numberAt(block, checksumAt, checksumSize) === sum;
}

/** Text up to the first zero. */
function textAt(block: Uint8Array, at: number, size: number): string {
  const field = block.subarray(at, at + size);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** A number in octal digits, or in binary where the first bit is set; undefined for what is neither. */
function numberAt(block: Uint8Array, at: number, size: number): number | undefined {
  if (block[at] & 0x80) {
    let value = block[at] & 0x7f;
    for (const byte of block.subarray(at + 1, at + size)) value = value * 256 + byte;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = textAt(block, at, size).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}
