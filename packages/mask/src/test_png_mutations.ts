import { deflate } from 'pako';
import { pngSignature, writeChunk } from './png_chunks.ts';
import { mutations, random } from './test_mutations.ts';
import { channelsOf, filteredRows, join, type TestPng, testHeader, writeTestPng } from './test_png.ts';

/** Labels of every kind that are read, small. */
export const labelPngs: readonly TestPng[] = (
  [
    ['grey', 1],
    ['grey', 2],
    ['grey', 4],
    ['grey', 8],
    ['grey', 16],
    ['indexed', 1],
    ['indexed', 2],
    ['indexed', 4],
    ['indexed', 8],
    ['grey+alpha', 8],
    ['rgb', 8],
    ['rgb+alpha', 8],
  ] as const
).flatMap(([color, depth]) => [false, true].map((isInterlaced) => labels(color, depth, isInterlaced)));

function labels(color: TestPng['color'], depth: TestPng['depth'], isInterlaced: boolean): TestPng {
  const [width, height] = [23, 17];
  const channels = channelsOf[color];
  const hasAlpha = channels === 2 || channels === 4;
  const samples = Array.from({ length: width * height * channels }, (_, i) => {
    if (hasAlpha && i % channels === channels - 1) return 2 ** depth - 1;
    const pixel = Math.floor(i / channels);
    const id =
      Math.floor((pixel % width) / 5) + Math.floor(pixel / width / 6) * 3 + (pixel % 7 === 0 ? 1 : 0);
    return id % Math.min(2 ** depth, 13);
  });
  const palette = Array.from({ length: Math.min(2 ** depth, 13) * 3 }, (_, i) => (i * 53) % 256);
  const text = writeChunk('tEXt', new TextEncoder().encode('Comment\0labels'));
  const compressedText = join([new TextEncoder().encode('Comment\0\0'), deflate(new Uint8Array(900))]);
  return {
    ...{ width, height, depth, color, isInterlaced, samples, pieces: isInterlaced ? 3 : 1 },
    ...(color === 'indexed' && { palette }),
    before: isInterlaced
      ? [text, writeChunk('gAMA', Uint8Array.of(0, 0, 177, 143)), writeChunk('zTXt', compressedText)]
      : [],
  };
}

/**
 * A damaged copy of a PNG: damage to the file as it lies, or, with checksums that hold again, damage to a chunk, to
 * their order, to the header, to the compressed or to the filtered rows, which checksums of chunks alone do not show.
 */
export function mutatePng(png: TestPng, seed: number): Uint8Array {
  const draw = random(~seed);
  const below = (count: number) => Math.floor(draw() * count);
  const whole = writeTestPng(png);
  if (draw() < 0.4) return mutations(whole, seed);
  const chunks = chunksOf(whole);
  const at = below(chunks.length);
  switch (below(6)) {
    case 0:
      chunks[at] = { ...chunks[at], data: mutations(chunks[at].data, seed) };
      break;
    case 1:
      chunks.splice(below(chunks.length + 1), 0, chunks[at]);
      break;
    case 2:
      chunks.splice(at, 1);
      break;
    case 3:
      [chunks[at], chunks[0]] = [chunks[0], chunks[at]];
      break;
    case 4:
      chunks[0] = { type: 'IHDR', data: mutatedHeader(png, below) };
      break;
    default: {
      const rows = mutations(Uint8Array.from(filteredRows(png)), seed);
      const data = deflate(rows);
      return file([
        ...chunks.filter(({ type }) => !/IDAT|IEND/.test(type)),
        { type: 'IDAT', data },
        chunks.at(-1)!,
      ]);
    }
  }
  return file(chunks);
}

function mutatedHeader(png: TestPng, below: (count: number) => number): Uint8Array {
  const header = testHeader(png);
  const field = below(13);
  const small = [0, 1, 2, 3, 4, 6, 8, 16, 255];
  header[field] = below(2) === 0 ? small[below(small.length)] : header[field] ^ (1 << below(8));
  return header;
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Of a sound file. */
function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer);
  const chunks: Chunk[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.slice(at + 4, at + 8));
    chunks.push({ type, data: bytes.slice(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

const file = (chunks: readonly Chunk[]): Uint8Array =>
  join([pngSignature, ...chunks.map(({ type, data }) => writeChunk(type, data))]);
