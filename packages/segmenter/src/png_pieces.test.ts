import { cutOut, decodeLabelPng, overlay, type Palette, pascalVoc, softCutOut } from '@atrous/mask';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { type Pixels, toRgba } from './pixels.ts';
import { cutOutPng, labelPng, overlayPng, type Pieces, softCutOutPng } from './png_pieces.ts';

async function whole(pieces: Pieces): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Wide enough for several strips. */
const [width, height] = [5000, 110];
const labels = { width, height, data: bytes(width * height, 5).map((value) => value % 7) };
const sources: [string, 1 | 3 | 4][] = [
  ['grey', 1],
  ['RGB', 3],
  ['RGBA', 4],
];
const pictureOf = (channels: number): Pixels => ({
  width,
  height,
  data: bytes(width * height * channels, 3),
});

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);
}

test.each(sources)(
  'an overlay of a %s picture in strips is the overlay as a whole',
  async (_name, channels) => {
    const picture = pictureOf(channels);
    for (const options of [{ opacity: 0.5 }, { opacity: 0.3, outline: true }]) {
      const file = await whole(overlayPng(picture, labels, pascalVoc, options));
      const png = decode(file, { checkCrc: true });
      expect(png.channels).toBe(channels === 4 ? 4 : 3);
      const drawn = overlay(toRgba(picture), labels, pascalVoc, options).data;
      const expected = channels === 4 ? drawn : drawn.filter((_, i) => i % 4 < 3);
      expect(Buffer.compare(png.data as Uint8Array, Buffer.from(expected))).toBe(0);
    }
  },
);

test.each(sources)('a cut-out of a %s picture, too, always with alpha', async (_name, channels) => {
  const picture = pictureOf(channels);
  const png = decode(await whole(cutOutPng(picture, labels, [1, 4])), { checkCrc: true });
  expect(png.channels).toBe(4);
  const expected = cutOut(toRgba(picture), labels, [1, 4]).data;
  expect(Buffer.compare(png.data as Uint8Array, Buffer.from(expected))).toBe(0);
});

test.each(sources)('a cut-out with soft edges of a %s picture, too', async (_name, channels) => {
  const picture = pictureOf(channels);
  const data = Float32Array.from({ length: 50 * 2 }, (_, i) => (i % 50) / 49);
  const probability = { width: 50, height: 2, data, resize: 'half-pixel' } as const;
  const png = decode(await whole(softCutOutPng(picture, probability)), { checkCrc: true });
  const expected = softCutOut(picture, probability).data;
  expect(Buffer.compare(png.data as Uint8Array, Buffer.from(expected))).toBe(0);
});

test.each<[string, Palette | undefined]>([
  ['indexed', pascalVoc.slice(0, 3)],
  ['grey', undefined],
])('labels, %s, are read back as they were', async (_name, palette) => {
  const file = await whole(labelPng(labels, palette));
  expect(Buffer.compare(decodeLabelPng(file, 'x').data as Uint8Array, labels.data)).toBe(0);
  const { palette: colors, depth } = decode(file);
  expect([colors?.length, depth]).toEqual([palette && 7, 8]); // ids beyond the palette have colours, too
});

test('more than 256 classes are 16-bit grey', async () => {
  const many = { width, height, data: Uint16Array.from(labels.data, (label) => label * 300) };
  expect(decodeLabelPng(await whole(labelPng(many, pascalVoc)), 'x')).toEqual(many);
});
