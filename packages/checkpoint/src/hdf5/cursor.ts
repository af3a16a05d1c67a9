import type { Fail } from '../fail.ts';

/** How wide addresses and lengths are in a file, in bytes. */
export interface Widths {
  readonly address: number;
  readonly length: number;
}

/** Reads a piece of an HDF5 file, one field after the other, never past its end. All numbers are little-endian. */
export class Cursor {
  at = 0;
  readonly bytes: Uint8Array;
  readonly widths: Widths;
  readonly fail: Fail;

  constructor(bytes: Uint8Array, widths: Widths, fail: Fail) {
    this.bytes = bytes;
    this.widths = widths;
    this.fail = fail;
  }

  get left(): number {
    return this.bytes.byteLength - this.at;
  }

  /** A whole number from 0 of so many bytes; beyond 2⁵³ it is Infinity, which fits into no file. */
  uint(size: number): number {
    const field = this.take(size);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + field[i];
    return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
  }

  /** undefined where the file says that there is nothing: all bits are set. */
  address(): number | undefined {
    const isNone = this.bytes.subarray(this.at, this.at + this.widths.address).every((byte) => byte === 0xff);
    const value = this.uint(this.widths.address);
    return isNone ? undefined : value;
  }

  length(): number {
    return this.uint(this.widths.length);
  }

  take(size: number): Uint8Array {
    if (size > this.left)
      this.fail(`a field of ${size} bytes reaches past the ${this.left} that its block has left`);
    const begin = this.at;
    this.at += size;
    return this.bytes.subarray(begin, this.at);
  }

  skip(size: number): void {
    this.take(size);
  }

  /** Goes to the next multiple of 8, counted from the block's start. */
  align(): void {
    this.skip(Math.min((8 - (this.at % 8)) % 8, this.left));
  }

  /** Takes a block's signature and complains where it is another. */
  expect(signature: string): void {
    const found = textOf(this.take(signature.length));
    if (found !== signature)
      this.fail(`a block begins with ${JSON.stringify(found)}, expected "${signature}"`);
  }

  /** A part of the block as a block. */
  part(size: number): Cursor {
    return new Cursor(this.take(size), this.widths, this.fail);
  }
}

/** UTF-8 up to the first NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
