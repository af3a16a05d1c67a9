/** CRC-32C of each byte: the polynomial of Castagnoli, its bits reversed. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});

/** CRC-32C of bytes. @param crc of those before them */
export function crc32c(bytes: Uint8Array, crc: number = 0): number {
  let state = ~crc;
  for (let i = 0; i < bytes.length; i++) state = (state >>> 8) ^ table[(state ^ bytes[i]) & 0xff];
  return ~state >>> 0;
}

/** A checksum as LevelDB and TensorFlow store it: rotated and shifted, so that one of bytes that hold checksums is sound. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
