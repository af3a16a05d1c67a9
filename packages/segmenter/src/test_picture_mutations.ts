import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { mutations, random } from '../../mask/src/test_mutations.ts';
import { testPicture } from './test_pixels.ts';

export const damagedFormats = ['jpeg', 'png', 'webp'] as const;
export type DamagedFormat = (typeof damagedFormats)[number];

/** Small pictures of every kind that a format has. */
export async function soundPictures(format: DamagedFormat): Promise<Uint8Array[]> {
  const { width, height, data } = testPicture(45, 31);
  const rgba = () => sharp(data, { raw: { width, height, channels: 4 } });
  const rgb = () => rgba().removeAlpha();
  const turned = { orientation: 6 };
  const kinds = {
    jpeg: [
      rgb().jpeg(),
      rgb().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).withMetadata(turned),
      rgb()
        .greyscale()
        .jpeg({ restartInterval: 2 } as object),
      rgb().toColourspace('cmyk').jpeg(),
      rgb().withIccProfile('p3').jpeg(),
    ],
    png: [
      rgba().png(),
      rgb().png({ palette: true }),
      rgb().png({ progressive: true }).withMetadata(turned),
      rgb().toColourspace('rgb16').png(),
      rgb().withIccProfile('p3').png(),
    ],
    webp: [
      rgb().webp(),
      rgba().webp({ alphaQuality: 50 }),
      rgba().webp({ lossless: true }),
      rgb().webp().withMetadata(turned),
      sharp(Uint8Array.from([...data, ...data]), {
        raw: { width, height: height * 2, channels: 4, pageHeight: height },
      }).webp({ loop: 0 }),
    ],
  };
  const files = await Promise.all(kinds[format].map((picture) => picture.toBuffer()));
  return files.map((file) => Uint8Array.from(file));
}

/** A damaged copy of a picture file: damage to the file as it lies, to its first bytes, or, of a PNG, with checksums that hold again. */
export function mutatePicture(bytes: Uint8Array, format: DamagedFormat, seed: number): Uint8Array {
  const kind = random(~seed)();
  if (format === 'png' && kind < 0.5) return withChecksums(mutations(bytes, seed));
  if (kind < 0.75) return mutations(bytes, seed);
  const head = Math.min(bytes.length, 700); // headers: sizes, tables, chunks
  const changed = mutations(bytes.subarray(0, head), seed);
  return Uint8Array.of(...changed, ...bytes.subarray(head));
}

/** The same PNG with the checksum that each chunk ought to have, as far as chunks can be followed. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) break;
    view.setUint32(at + 8 + length, crc32(bytes.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
  return bytes;
}
