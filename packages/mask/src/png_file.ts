import { AtrousError } from '@atrous/tensor';
import { damagedPng, type PngChunk, readChunks } from './png_chunks.ts';
import { type PngHeader, readHeader } from './png_header.ts';

/** The parts of a PNG that its pixels are made of. All bytes are views of the file. */
export interface PngFile {
  readonly header: PngHeader;
  /** Red, green and blue of each entry, where there is a palette. */
  readonly palette?: Uint8Array;
  /** The compressed pixels, in pieces. */
  readonly compressed: readonly Uint8Array[];
}

/**
 * Checks a PNG and takes it apart. Nothing is inflated, and nothing is allocated that its size decides. Of chunks that
 * are no part of the pixels (profiles, text, times) the checksum is verified and, where readers trip over it, the size.
 * @param maxPixels more of them are refused
 * @throws AtrousError `format` for what is damaged, `input` for too many pixels
 */
export function openPng(bytes: Uint8Array, name: string, maxPixels: number): PngFile {
  const chunks = readChunks(bytes, name);
  const first = chunks.next();
  if (first.done) throw damagedPng(name, 'it has no chunks');
  const header = readHeader(first.value, name);
  checkSize(header, name, maxPixels);
  const compressed: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  let previous = 'IHDR';
  const seen = new Set([previous]);
  for (const chunk of chunks) {
    const { type, data } = chunk;
    const isFirst = !seen.has(type);
    if (type === 'IDAT') {
      if (!isFirst && previous !== 'IDAT') throw damagedPng(name, `${previous} between two chunks IDAT`);
      compressed.push(data);
    } else if (type === 'PLTE' || type === 'tRNS') {
      if (!isFirst || seen.has('IDAT')) throw damagedPng(name, `${type} after ${previous}`);
      if (type === 'PLTE') palette = checkPalette(data, name);
      else checkTransparency(data, header, palette, name);
    } else if (/^[A-Z]/.test(type)) {
      throw damagedPng(name, isFirst ? `unknown critical chunk ${type}` : `a second ${type}`);
    } else checkAncillary(chunk, name);
    seen.add(type);
    previous = type;
  }
  if (compressed.length === 0) throw damagedPng(name, 'it has no pixels (no chunk IDAT)');
  if (header.color !== 'indexed') return { header, compressed };
  if (!palette) throw damagedPng(name, 'its pixels are indices, and it has no palette (no chunk PLTE)');
  return { header, palette, compressed };
}

function checkSize({ width, height }: PngHeader, name: string, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new AtrousError(
    'input',
    `${name}: ${width}×${height} is ${width * height} pixels: expected at most ${maxPixels}; raise the limit (maxPixels; --max-pixels in the command) to read it`,
  );
}

function checkPalette(data: Uint8Array, name: string): Uint8Array {
  if (data.length % 3 === 0 && data.length > 0 && data.length <= 768) return data;
  throw damagedPng(name, `a palette of ${data.length} bytes: expected 3 for each of 1 to 256 colours`);
}

/** Transparency is no part of a class id: it is checked and left. */
function checkTransparency(
  data: Uint8Array,
  { color }: PngHeader,
  palette: Uint8Array | undefined,
  name: string,
): void {
  const isRight =
    color === 'indexed'
      ? palette !== undefined && data.length <= palette.length / 3
      : data.length === { grey: 2, rgb: 6, 'grey+alpha': -1, 'rgb+alpha': -1 }[color];
  if (!isRight) throw damagedPng(name, `tRNS of ${data.length} bytes in a PNG of ${color}`);
}

/** Sizes of chunks whose bytes other readers take without asking. */
const fixedSizes: Readonly<Record<string, number>> = { gAMA: 4, cHRM: 32, sRGB: 1, pHYs: 9 };

function checkAncillary({ type, data }: PngChunk, name: string): void {
  if (type === 'acTL' || type === 'fcTL' || type === 'fdAT')
    throw new AtrousError('format', `${name}: an animated PNG: expected a still one`);
  const size = fixedSizes[type];
  if (size !== undefined && data.length !== size)
    throw damagedPng(name, `${type} of ${data.length} bytes: expected ${size}`);
  // a name that ends in 0, then the method of compression, of which there is one
  if ((type === 'iCCP' || type === 'zTXt') && !(data.includes(0) && data[data.indexOf(0) + 1] === 0))
    throw damagedPng(name, `${type} without its method of compression`);
}
