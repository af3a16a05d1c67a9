import { AtrousError } from '@atrous/tensor';
import { encode } from 'fast-png';
import { type LabelColors, labelsFromColors } from './label_colors.ts';
import type { LabelMap } from './label_map.ts';
import { colorOf, type Palette } from './palette.ts';
import type { Pixels } from './pixels.ts';
import { damagedPng } from './png_chunks.ts';
import { openPng } from './png_file.ts';
import { readSamples } from './png_pixels.ts';

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
export function encodePng({ width, height, data }: Pixels): Uint8Array {
  return encode({ width, height, data, channels: 4, depth: 8 });
}

/** How many pixels a label file may have, unless the caller says more: 100 megapixels. */
export const maxLabelPixels = 100_000_000;

export interface LabelPngOptions {
  /** A file that says more pixels is refused before anything is allocated. @default maxLabelPixels */
  readonly maxPixels?: number;
  /** The colours of the model's classes: an RGB file in them is read by them. @default none */
  readonly palette?: Palette;
}

/** A label map out of a file. */
export interface LabelFile extends LabelMap {
  /** Whose colours the file is in, where ids were made from colours. */
  readonly colors?: LabelColors;
}

/**
 * A PNG of class ids as a label map. Indexed: palette indices are the ids, whatever their colours. Grey: the stored
 * values, of 1 to 16 bits; with alpha when it is opaque. RGB: ids by colour, in the model's palette or in that of
 * Pascal VOC, Cityscapes, ADE20K or CamVid, where only one fits. The file is right or refused: checksums of its chunks
 * and of its compressed data, sizes, and indices beyond the palette are looked at.
 * @throws AtrousError `format` for what is damaged or no label map, `input` for more pixels than `maxPixels`
 */
export function decodeLabelPng(bytes: Uint8Array, name: string, options: LabelPngOptions = {}): LabelFile {
  const { maxPixels = maxLabelPixels, palette } = options;
  const file = openPng(bytes, name, maxPixels);
  const { width, height, depth, color, channels } = file.header;
  if (channels > 2 && depth > 8)
    throw new AtrousError('format', `${name}: expected class ids, got colours of ${depth} bits`);
  const samples = readSamples(file, name);
  if (color === 'indexed') checkIndices(samples, width, file.palette!.length / 3, name);
  if (channels === 2 || channels === 4) checkOpaque(samples, channels, width, name, 2 ** depth - 1);
  if (channels > 2)
    return labelsFromColors(samples as Uint8Array, channels as 3 | 4, { width, height }, name, palette);
  return { width, height, data: channels === 1 ? samples : everySecond(samples) };
}

function checkIndices(samples: ArrayLike<number>, width: number, entries: number, name: string): void {
  if (entries === 256) return;
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] < entries) continue;
    const at = `row ${Math.floor(i / width)}, column ${i % width}`;
    throw damagedPng(name, `index ${samples[i]} at ${at}, and its palette has ${entries} colours`);
  }
}

/** Alpha says nothing of a class: what it hides is no label that somebody drew. */
function checkOpaque(
  samples: ArrayLike<number>,
  channels: number,
  width: number,
  name: string,
  opaque: number,
): void {
  for (let i = channels - 1; i < samples.length; i += channels) {
    if (samples[i] === opaque) continue;
    const pixel = Math.floor(i / channels);
    const at = `row ${Math.floor(pixel / width)}, column ${pixel % width}`;
    throw new AtrousError(
      'format',
      `${name}: expected class ids, got transparent pixels (alpha ${samples[i]} of ${opaque} at ${at}): write them without alpha, and what has no label with an id of its own`,
    );
  }
}

const everySecond = (samples: Uint8Array | Uint16Array): Uint8Array | Uint16Array => {
  const ids = samples.slice(0, samples.length / 2);
  for (let i = 0; i < ids.length; i++) ids[i] = samples[2 * i];
  return ids;
};
