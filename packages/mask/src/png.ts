import { AtrousError, messageOf } from '@atrous/tensor';
import { decode, encode } from 'fast-png';
import type { LabelMap } from './label_map.ts';
import { colorOf, type Palette } from './palette.ts';
import type { RgbaImage } from './render.ts';

/**
 * A label map as an indexed PNG, class ids as palette indices: the convention of Pascal VOC and DeepLab. Maps of more
 * than 256 classes become 16-bit grey.
 */
export function encodeLabelPng(labels: LabelMap, palette: Palette): Uint8Array {
  const { width, height, data } = labels;
  if (data instanceof Uint16Array) return encode({ width, height, data, channels: 1, depth: 16 });
  const highest = data.reduce((max, label) => Math.max(max, label), 0);
  const colors = Array.from({ length: Math.max(palette.length, highest + 1) }, (_, id) => [
    ...colorOf(palette, id),
  ]);
  return encode({ width, height, data, channels: 1, depth: 8, palette: colors.slice(0, 256) });
}

/** An RGBA picture as PNG. */
export function encodePng({ width, height, data }: RgbaImage): Uint8Array {
  return encode({ width, height, data, channels: 4, depth: 8 });
}

/**
 * A PNG of class ids, indexed or grey, as a label map: palette indices are the ids, whatever their colours.
 * @throws AtrousError `format`
 */
export function decodeLabelPng(bytes: Uint8Array, name: string): LabelMap {
  let png: ReturnType<typeof decode>;
  try {
    png = decode(bytes);
  } catch (cause) {
    throw new AtrousError('format', `${name}: not a PNG: ${messageOf(cause)}`, { cause });
  }
  const { width, height, depth, channels } = png;
  if (channels !== 1) {
    throw new AtrousError(
      'format',
      `${name}: expected class ids as an indexed or grey PNG, got ${channels} channels`,
    );
  }
  if (depth >= 8) return { width, height, data: png.data as Uint8Array | Uint16Array };
  return { width, height, data: unpackRows(png.data as Uint8Array, width, height, depth) };
}

/** Pixels of 1, 2 or 4 bits; each row begins on a byte. */
function unpackRows(packed: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  if (packed.length === width * height) return packed;
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth;
    const byte = packed[Math.floor(i / width) * rowBytes + (bit >> 3)];
    return (byte >> (8 - depth - (bit & 7))) & mask;
  });
}
