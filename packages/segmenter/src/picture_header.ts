/** A picture file's format, by its first bytes; of those that are not read everywhere. */
export type ForeignFormat = 'HEIC' | 'AVIF' | 'TIFF' | 'JPEG XL' | 'SVG' | 'PDF';

/** How much of a file is enough to look for its size: profiles and previews come before it in a JPEG. */
export const headerBytes: number = 1 << 18;

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));

const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1'];

/** Which of the formats a file has that need a converter somewhere; undefined for all others. */
export function foreignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  if (ascii(bytes, 4, 8) === 'ftyp') {
    const brand = ascii(bytes, 8, 12);
    const others = ascii(bytes, 16, Math.min(bytes[3] || 64, 64));
    if (brand.startsWith('avi') || others.includes('avif')) return 'AVIF';
    if (heicBrands.includes(brand)) return 'HEIC';
  }
  const start = ascii(bytes, 0, 4);
  if (start === 'II*\0' || start === 'MM\0*' || start === 'II+\0' || start === 'MM\0+') return 'TIFF';
  if (start.startsWith('\xff\x0a') || ascii(bytes, 4, 8) === 'JXL ') return 'JPEG XL';
  if (start === '%PDF') return 'PDF';
  return /<svg[\s>]/.test(ascii(bytes, 0, 512)) ? 'SVG' : undefined;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Width and height as PNG, JPEG, GIF, WebP and BMP say them; undefined for all others, and for what is cut off. */
export function sizeInHeader(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 30) return undefined;
  if (ascii(bytes, 1, 4) === 'PNG') return { width: view.getUint32(16), height: view.getUint32(20) };
  if (ascii(bytes, 0, 3) === 'GIF')
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (ascii(bytes, 0, 2) === 'BM') {
    return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
  }
  if (ascii(bytes, 8, 12) === 'WEBP') return webpSize(view, ascii(bytes, 12, 16));
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? jpegSize(view) : undefined;
}

/** RFC 9649: three kinds of first chunk. */
function webpSize(view: DataView, chunk: string): Size | undefined {
  const side = (value: number) => value & 0x3fff;
  if (chunk === 'VP8 ') {
    return { width: side(view.getUint16(26, true)), height: side(view.getUint16(28, true)) };
  }
  if (chunk === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: side(bits) + 1, height: side(bits >>> 14) + 1 };
  }
  if (chunk !== 'VP8X') return undefined;
  return {
    width: (view.getUint32(24, true) & 0xffffff) + 1,
    height: (view.getUint32(26, true) >>> 8) + 1,
  };
}

/** From segment to segment, to the frame header. */
function jpegSize(view: DataView): Size | undefined {
  for (let at = 2; at + 9 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return undefined;
}
