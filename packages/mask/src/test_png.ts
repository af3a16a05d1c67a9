import { deflate } from 'pako';
import { pngSignature, writeChunk } from './png_chunks.ts';
import type { PngHeader } from './png_header.ts';

/** A PNG of any kind, for tests: written as the specification says it, pixel by pixel. */
export interface TestPng {
  readonly width: number;
  readonly height: number;
  readonly depth: PngHeader['depth'];
  readonly color: PngHeader['color'];
  readonly isInterlaced?: boolean;
  /** One number per sample, row by row. */
  readonly samples: ArrayLike<number>;
  /** Red, green, blue, … */
  readonly palette?: readonly number[];
  /** Chunks between IHDR and IDAT. */
  readonly before?: readonly Uint8Array[];
  /** Into how many chunks IDAT the pixels are cut. @default 1 */
  readonly pieces?: number;
}

const types = { grey: 0, rgb: 2, indexed: 3, 'grey+alpha': 4, 'rgb+alpha': 6 };
export const channelsOf = { grey: 1, rgb: 3, indexed: 1, 'grey+alpha': 2, 'rgb+alpha': 4 } as const;

/** The pass of each pixel of 8×8 (PNG specification, figure 8.1). */
const adam7 = [
  [1, 6, 4, 6, 2, 6, 4, 6],
  [7, 7, 7, 7, 7, 7, 7, 7],
  [5, 6, 5, 6, 5, 6, 5, 6],
  [7, 7, 7, 7, 7, 7, 7, 7],
  [3, 6, 4, 6, 3, 6, 4, 6],
  [7, 7, 7, 7, 7, 7, 7, 7],
  [5, 6, 5, 6, 5, 6, 5, 6],
  [7, 7, 7, 7, 7, 7, 7, 7],
];

export function writeTestPng(png: TestPng): Uint8Array {
  const { palette, before = [], pieces = 1 } = png;
  const compressed = deflate(Uint8Array.from(filteredRows(png)));
  const piece = Math.ceil(compressed.length / pieces);
  const data = Array.from({ length: pieces }, (_, i) => compressed.slice(i * piece, (i + 1) * piece));
  return join([
    pngSignature,
    writeChunk('IHDR', testHeader(png)),
    ...(palette ? [writeChunk('PLTE', Uint8Array.from(palette))] : []),
    ...before,
    ...data.map((part) => writeChunk('IDAT', part)),
    writeChunk('IEND', new Uint8Array(0)),
  ]);
}

export function testHeader({ width, height, depth, color, isInterlaced }: TestPng): Uint8Array {
  const view = new DataView(new ArrayBuffer(13));
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, depth);
  view.setUint8(9, types[color]);
  view.setUint8(12, isInterlaced ? 1 : 0);
  return new Uint8Array(view.buffer);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** All rows of all passes, each behind its filter; filters take turns. */
export function filteredRows(png: TestPng): number[] {
  const { width, height, depth, color, samples, isInterlaced } = png;
  const channels = channelsOf[color];
  const pixelBytes = Math.max(1, (depth * channels) / 8);
  const out: number[] = [];
  let turn = 0;
  for (let pass = 1; pass <= (isInterlaced ? 7 : 1); pass++) {
    let above: number[] | undefined;
    for (let y = 0; y < height; y++) {
      const row: number[] = [];
      for (let x = 0; x < width; x++) {
        if (isInterlaced && adam7[y % 8][x % 8] !== pass) continue;
        for (let c = 0; c < channels; c++) row.push(samples[(y * width + x) * channels + c]);
      }
      if (row.length === 0) continue;
      const bytes = packed(row, depth);
      out.push(turn % 5, ...filtered(bytes, above, turn % 5, pixelBytes));
      turn++;
      above = bytes;
    }
  }
  return out;
}

function packed(row: readonly number[], depth: number): number[] {
  const bits = row.map((value) => value.toString(2).padStart(depth, '0')).join('');
  return (bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? []).map((byte) =>
    Number.parseInt(byte, 2),
  );
}

function filtered(row: number[], above: number[] | undefined, filter: number, pixelBytes: number): number[] {
  return row.map((value, i) => {
    const a = row[i - pixelBytes] ?? 0;
    const b = above?.[i] ?? 0;
    const c = (i >= pixelBytes && above?.[i - pixelBytes]) || 0;
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
    const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    return (value - [0, a, b, Math.floor((a + b) / 2), paeth][filter]) & 255;
  });
}
