import { AtrousError } from '@atrous/tensor';

/** What every PNG begins with. */
export const pngSignature: Uint8Array = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A chunk of a PNG: four letters and bytes. */
export interface PngChunk {
  readonly type: string;
  /** A view of the file. */
  readonly data: Uint8Array;
}

/** The error for a file that is a PNG and not a sound one. */
export const damagedPng = (name: string, what: string): AtrousError =>
  new AtrousError('format', `${name}: damaged PNG: ${what}`);

/** A chunk as it stands in a file: length, type, data, and the checksum of type and data. */
export function writeChunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/**
 * The chunks of a PNG up to its end, each with its checksum verified; nothing is inflated. Bytes after IEND are not
 * looked at, and a file that was cut after its last whole chunk ends there, as in Pillow and libpng: whether its
 * picture is complete, its compressed data say.
 * @throws AtrousError `format`
 */
export function* readChunks(bytes: Uint8Array, name: string): Generator<PngChunk> {
  if (!pngSignature.every((byte, i) => bytes[i] === byte))
    throw new AtrousError('format', `${name}: not a PNG: it does not begin with the signature of one`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = pngSignature.length;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[a-zA-Z]{4}$/.test(type)) throw damagedPng(name, `expected a chunk at byte ${at}`);
    const end = at + 8 + length;
    const isEnd = type === 'IEND' && length === 0;
    if (isEnd && bytes.length < end + 4) return;
    if (bytes.length < end + 4)
      throw damagedPng(
        name,
        `chunk ${type} at byte ${at} has ${length} bytes, and the file ends before: fetch or write it again`,
      );
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw damagedPng(name, `the checksum (CRC-32) of chunk ${type} at byte ${at} does not match its data`);
    if (isEnd) return;
    yield { type, data: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32 (ISO 3309), as in zip and gzip. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
