import { type ByteSource, readExactly } from './bytes.ts';

/**
 * Bytes that are read some thousands at a time, for headers that are read field by field. Only the last piece is kept;
 * what is longer than one is read past it.
 */
export function windowed(bytes: ByteSource, size: number = 1 << 14): ByteSource {
  let begin = 0;
  let window = new Uint8Array(0);
  return {
    name: bytes.name,
    size: bytes.size,
    async read(offset, length) {
      if (length > size) return bytes.read(offset, length);
      if (offset < begin || offset + length > begin + window.length) {
        window = new Uint8Array(
          await readExactly(bytes, offset, Math.max(0, Math.min(size, bytes.size - offset))),
        );
        begin = offset;
      }
      return window.subarray(offset - begin, offset - begin + length);
    },
  };
}
