/** Says that a pickle goes on past the bytes that there are. */
export class PickleEndsEarly extends Error {}

/** Reads a pickle's bytes one after the other; a length that it claims is never more than the bytes that are there. */
export class PickleReader {
  /** Where the next byte stands. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** The place of so many bytes, which are taken. */
  #take(length: number): number {
    const begin = this.at;
    if (begin + length > this.#bytes.byteLength) throw new PickleEndsEarly();
    this.at = begin + length;
    return begin;
  }

  u1 = (): number => this.#bytes[this.#take(1)];
  u2 = (): number => this.#view.getUint16(this.#take(2), true);
  u4 = (): number => this.#view.getUint32(this.#take(4), true);
  i4 = (): number => this.#view.getInt32(this.#take(4), true);
  /** 2⁵³ and above lose their last bits: no file is that long. */
  u8 = (): number => Number(this.#view.getBigUint64(this.#take(8), true));
  /** The one number that is written with its highest byte first. */
  f8 = (): number => this.#view.getFloat64(this.#take(8), false);

  /** A copy: what is kept does not keep the file. */
  bytes(length: number): Uint8Array {
    const begin = this.#take(length);
    return this.#bytes.slice(begin, begin + length);
  }

  /** UTF-8; Python writes halves of surrogate pairs, too, which become U+FFFD. */
  text(length: number): string {
    const begin = this.#take(length);
    return decoder.decode(this.#bytes.subarray(begin, begin + length));
  }

  /** Bytes of Python 2, which called them text. */
  latin(length: number): string {
    const begin = this.#take(length);
    return latinText(this.#bytes.subarray(begin, begin + length));
  }

  /** Up to the end of the line, in Latin-1. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new PickleEndsEarly();
    const begin = this.#take(end + 1 - this.at);
    return latinText(this.#bytes.subarray(begin, end));
  }
}

const decoder = new TextDecoder();
const latinText = (bytes: Uint8Array): string => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
};
