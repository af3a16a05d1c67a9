import { AtrousError } from '@atrous/tensor';
import type { Color } from './palette.ts';
import { pngSignature, writeChunk } from './png_chunks.ts';

/**
 * Compresses a stream into zlib's format (RFC 1950): `createDeflate` of `node:zlib`, or a `CompressionStream('deflate')`.
 */
export type Deflate = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** What the pixels of a PNG are. */
export interface PngFormat {
  readonly width: number;
  readonly height: number;
  /** Samples per pixel: 1 is grey, or an index when there is a palette; 3 is RGB, 4 is RGBA. */
  readonly channels: 1 | 3 | 4;
  /** Bits per sample; those of 16 bits have the high byte first. @default 8 */
  readonly depth?: 8 | 16;
  /** Up to 256 colours. */
  readonly palette?: readonly Color[];
}

/** Whole rows from the top, one after the other, without gaps; as many as there happen to be. */
export type Strips = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** No filter suits ids and indices, the difference to the row above suits pictures (PNG specification, section 12.7). */
const filters = { none: 0, up: 2 } as const;

/**
 * A PNG piece by piece, from pixels strip by strip: neither is ever whole in memory.
 * @throws AtrousError `shape` when the strips are not `height` rows of `width` pixels
 */
export async function* encodePngStream(
  format: PngFormat,
  strips: Strips,
  deflate: Deflate,
): AsyncGenerator<Uint8Array> {
  const { palette } = format;
  yield pngSignature.slice(); // the caller's own, to move
  yield writeChunk('IHDR', header(format));
  if (palette) yield writeChunk('PLTE', Uint8Array.from(palette.flat()));
  for await (const piece of deflate(filtered(format, strips))) yield writeChunk('IDAT', piece);
  yield writeChunk('IEND', new Uint8Array(0));
}

function header({ width, height, channels, depth = 8, palette }: PngFormat): Uint8Array {
  const colorTypes = { 1: palette ? 3 : 0, 3: 2, 4: 6 } as const;
  const data = new Uint8Array(13); // the last three: deflate, adaptive filters, not interlaced
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data[8] = depth;
  data[9] = colorTypes[channels];
  return data;
}

/** Each row behind its filter's number. */
async function* filtered(format: PngFormat, strips: Strips): AsyncGenerator<Uint8Array> {
  const { width, height, channels, depth = 8 } = format;
  const rowBytes = (width * channels * depth) / 8;
  const filter = channels === 1 ? filters.none : filters.up;
  let above: Uint8Array = new Uint8Array(rowBytes);
  let rows = 0;
  for await (const strip of strips) {
    const count = strip.length / rowBytes;
    rows += count;
    if (!Number.isInteger(count) || rows > height) break;
    const out = new Uint8Array(strip.length + count);
    for (let y = 0, o = 0; y < count; y++) {
      const row = strip.subarray(y * rowBytes, (y + 1) * rowBytes);
      out[o++] = filter;
      if (filter === filters.up) for (let i = 0; i < rowBytes; i++) out[o + i] = row[i] - above[i];
      else out.set(row, o);
      o += rowBytes;
      above = row;
    }
    above = above.slice(); // the strip may be filled again
    yield out;
  }
  if (rows === height) return;
  throw new AtrousError('shape', `PNG: expected ${height} rows of ${rowBytes} bytes, got ${rows} rows`);
}
