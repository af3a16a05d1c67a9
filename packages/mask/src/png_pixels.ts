import { Z_NO_FLUSH, Z_OK, Z_STREAM_END, ZStream, zlibInflate, zlibInflateInit2 } from 'pako';
import { damagedPng } from './png_chunks.ts';
import type { PngFile } from './png_file.ts';
import type { PngHeader } from './png_header.ts';

/** Every which pixel a pass holds; a PNG that is not interlaced is one pass of all. */
type Grid = readonly [left: number, top: number, stepX: number, stepY: number];

/** PNG specification, section 8. */
const adam7: readonly Grid[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

interface Pass {
  readonly grid: Grid;
  readonly columns: number;
  readonly rows: number;
  /** Without the byte in front that names the filter. */
  readonly rowBytes: number;
}

function passesOf({ width, height, depth, channels, isInterlaced }: PngHeader): Pass[] {
  const grids: readonly Grid[] = isInterlaced ? adam7 : [[0, 0, 1, 1]];
  return grids
    .map((grid): Pass => {
      const [left, top, stepX, stepY] = grid;
      const columns = Math.ceil((width - left) / stepX);
      const rows = Math.ceil((height - top) / stepY);
      return { grid, columns, rows, rowBytes: Math.ceil((columns * channels * depth) / 8) };
    })
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/**
 * The samples of a PNG as they are stored, in rows of `width × channels`: indices of a palette, bits of 1, 2 or 4 as
 * numbers up to 1, 3 or 15.
 * @throws AtrousError `format` when the compressed data are damaged, or are not as many as the size needs
 */
export function readSamples({ header, compressed }: PngFile, name: string): Uint8Array | Uint16Array {
  const { width, height, depth, channels } = header;
  const passes = passesOf(header);
  const size = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (rowBytes + 1), 0);
  const raw = inflate(compressed, size, name);
  const count = width * height * channels;
  const samples = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  const pixelBytes = Math.max(1, (channels * depth) / 8);
  let at = 0;
  for (const { grid, columns, rows, rowBytes } of passes) {
    const [left, top, stepX, stepY] = grid;
    for (let y = 0; y < rows; y++) {
      unfilter(raw, at, rowBytes, pixelBytes, y > 0, name);
      const row = raw.subarray(at + 1, at + 1 + rowBytes);
      const first = ((top + y * stepY) * width + left) * channels;
      if (depth === 8 && stepX === 1) samples.set(row, first);
      else for (let x = 0; x < columns; x++) copyPixel(row, x, samples, first + x * stepX * channels, header);
      at += rowBytes + 1;
    }
  }
  return samples;
}

function copyPixel(
  row: Uint8Array,
  x: number,
  samples: Uint8Array | Uint16Array,
  to: number,
  { depth, channels }: PngHeader,
): void {
  for (let c = 0; c < channels; c++) {
    const i = x * channels + c;
    if (depth === 16) samples[to + c] = (row[2 * i] << 8) | row[2 * i + 1];
    else if (depth === 8) samples[to + c] = row[i];
    else {
      const bit = i * depth;
      samples[to + c] = (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
    }
  }
}

/** No byte of deflate becomes more than these (a match of 258 bytes in two bits). */
const largestRatio = 1032;

/**
 * Inflates exactly `size` bytes as zlib does: its Adler-32 verified, and no code accepted that zlib refuses. (fflate,
 * which fast-png brings, verifies neither and has no bound.) What follows the end of the stream is ignored, as libpng
 * does.
 */
function inflate(pieces: readonly Uint8Array[], size: number, name: string): Uint8Array {
  const given = pieces.reduce((sum, { length }) => sum + length, 0);
  const wrongSize = (has: string) =>
    damagedPng(name, `its size needs ${size} bytes of pixels, it has ${has}`);
  if (size > given * largestRatio) throw wrongSize(`fewer (${given} compressed)`);
  const out = new Uint8Array(size + 1); // one more, where too many would show
  const stream = new ZStream();
  zlibInflateInit2(stream, 15);
  stream.output = out;
  stream.next_out = 0;
  stream.avail_out = out.length;
  let status: number = Z_OK;
  for (const piece of pieces) {
    if (piece.length === 0 || status === Z_STREAM_END) continue;
    stream.input = piece;
    stream.next_in = 0;
    stream.avail_in = piece.length;
    status = zlibInflate(stream, Z_NO_FLUSH);
    if (stream.avail_out === 0) throw wrongSize('more');
    if (status !== Z_OK && status !== Z_STREAM_END)
      throw damagedPng(name, `its compressed pixels are not zlib’s (${stream.msg || `status ${status}`})`);
  }
  if (status !== Z_STREAM_END) throw damagedPng(name, 'its compressed pixels end before they are complete');
  if (stream.next_out !== size) throw wrongSize(`${stream.next_out}`);
  return out.subarray(0, size);
}

/** Undoes a row's filter where it lies (PNG specification, section 9); rows of a pass follow each other. */
function unfilter(
  raw: Uint8Array,
  at: number,
  rowBytes: number,
  pixelBytes: number,
  hasAbove: boolean,
  name: string,
): void {
  const filter = raw[at];
  const start = at + 1;
  const end = start + rowBytes;
  const up = rowBytes + 1;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let i = start + pixelBytes; i < end; i++) raw[i] += raw[i - pixelBytes];
      return;
    case 2:
      if (hasAbove) for (let i = start; i < end; i++) raw[i] += raw[i - up];
      return;
    case 3:
      for (let i = start; i < end; i++) {
        const left = i - pixelBytes < start ? 0 : raw[i - pixelBytes];
        raw[i] += (left + (hasAbove ? raw[i - up] : 0)) >> 1;
      }
      return;
    case 4:
      for (let i = start; i < end; i++) {
        const isFirst = i - pixelBytes < start;
        const left = isFirst ? 0 : raw[i - pixelBytes];
        const above = hasAbove ? raw[i - up] : 0;
        raw[i] += paeth(left, above, isFirst || !hasAbove ? 0 : raw[i - up - pixelBytes]);
      }
      return;
    default:
      throw damagedPng(name, `filter ${filter} does not exist`);
  }
}

/** Of the three neighbours the one that is nearest to left + above − corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
