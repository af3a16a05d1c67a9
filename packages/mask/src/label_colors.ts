import { AtrousError } from '@atrous/tensor';
import type { LabelMap } from './label_map.ts';
import { ade20k, camVid, cityscapes, formatColor, type Palette, pascalVoc } from './palette.ts';

/** Whose colours a picture of labels is in; `ids` when red, green and blue are all the id itself. */
export type LabelColors = 'the model' | 'Pascal VOC' | 'Cityscapes' | 'ADE20K' | 'CamVid' | 'ids';

/** Class ids that were read from colours. */
export interface ColoredLabels extends LabelMap {
  readonly colors: LabelColors;
}

/** The id of what has no label: what Pascal VOC, Cityscapes and most of the rest use. */
const unlabelled = 255;
const black = 0;
const cream = 0xe0e0c0; // Pascal VOC's boundaries between objects

const packed = (palette: Palette): number[] => palette.map(([r, g, b]) => (r << 16) | (g << 8) | b);

/** A way to read colours: the ids that each may mean. */
interface Reading {
  readonly colors: LabelColors;
  readonly ids: ReadonlyMap<number, readonly number[]>;
}

function reading(colors: LabelColors, palette: readonly number[], extra?: number): Reading {
  const ids = new Map<number, number[]>();
  palette.forEach((color, id) => {
    ids.set(color, [...(ids.get(color) ?? []), id]);
  });
  if (extra !== undefined && !ids.has(extra)) ids.set(extra, [unlabelled]);
  return { colors, ids };
}

const datasets: readonly Reading[] = [
  reading('Pascal VOC', packed(pascalVoc).slice(0, 21), cream),
  reading('Cityscapes', packed(cityscapes), black),
  reading('ADE20K', packed(ade20k), black),
  reading('CamVid', packed(camVid), black),
  reading(
    'ids',
    Array.from({ length: 256 }, (_, id) => id * 0x010101),
  ),
];

/** So many colours no labels have; photographs have more. */
const mostColors = 1024;

/**
 * A picture whose colours are classes as ids. The model's own colours go first; else exactly one dataset must have all
 * of the colours, or all that have them must mean the same. Black that is no class is unlabelled: 255.
 * @param samples 8 bits, `channels` per pixel, red, green and blue first
 * @throws AtrousError `format` that names a colour that no palette has, or the palettes that disagree
 */
export function labelsFromColors(
  samples: Uint8Array,
  channels: 3 | 4,
  { width, height }: { readonly width: number; readonly height: number },
  name: string,
  own?: Palette,
): ColoredLabels {
  const colorAt = (pixel: number) => {
    const i = pixel * channels;
    return (samples[i] << 16) | (samples[i + 1] << 8) | samples[i + 2];
  };
  const pixels = width * height;
  const used = firstPixels(colorAt, pixels);
  const expected = 'expected class ids (a grey or indexed PNG), or colours of one palette';
  const fail = (what: string) => new AtrousError('format', `${name}: ${expected}: ${what}`);
  if (!used) throw fail(`it has more than ${mostColors} colours, as a photograph has`);
  const ownReading = own && reading('the model', packed(own), black);
  const isOwn = ownReading && [...used.keys()].every((color) => ownReading.ids.has(color));
  const known = ownReading ? [ownReading, ...datasets] : datasets;
  const readings = isOwn ? [ownReading] : datasets.filter((candidate) => canRead(candidate, used));
  if (readings.length === 0) {
    const strange = [...used].find(([color]) => !known.some(({ ids }) => ids.has(color)));
    if (!strange)
      throw fail(`no palette has all of its ${used.size} colours (${namesOf(known)} were looked at)`);
    const [color, pixel] = strange;
    throw fail(
      `${colorName(color)} at row ${Math.floor(pixel / width)}, column ${pixel % width} is of none of ${namesOf(known)}`,
    );
  }
  const tables = readings.map((candidate) => ({
    colors: candidate.colors,
    table: tableOf(candidate, used, fail),
  }));
  const [{ colors, table }, ...others] = tables;
  const other = others.find((candidate) =>
    [...table].some(([color, id]) => candidate.table.get(color) !== id),
  );
  if (other)
    throw fail(
      `its colours are of ${colors} and of ${other.colors}, which mean different classes: write ids instead`,
    );
  const isWide = [...table.values()].some((id) => id > 255);
  const data = isWide ? new Uint16Array(pixels) : new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) data[i] = table.get(colorAt(i))!;
  return { width, height, data, colors };
}

/** Each colour with the first pixel that has it; null for too many. */
function firstPixels(colorAt: (pixel: number) => number, pixels: number): Map<number, number> | null {
  const first = new Map<number, number>();
  let last = -1;
  for (let i = 0; i < pixels; i++) {
    const color = colorAt(i);
    if (color === last) continue;
    last = color;
    if (first.has(color)) continue;
    first.set(color, i);
    if (first.size > mostColors) return null;
  }
  return first;
}

/** Whether a palette has all colours, and one of a class at least: black alone says nothing. */
function canRead({ ids }: Reading, used: ReadonlyMap<number, number>): boolean {
  const colors = [...used.keys()];
  return colors.every((color) => ids.has(color)) && colors.some((color) => ids.get(color)![0] !== unlabelled);
}

function tableOf(
  { colors, ids }: Reading,
  used: ReadonlyMap<number, number>,
  fail: (what: string) => AtrousError,
): Map<number, number> {
  const table = new Map<number, number>();
  for (const color of used.keys()) {
    const [id, second] = ids.get(color)!;
    if (second !== undefined)
      throw fail(
        `${colorName(color)} is the colour of the classes ${id} and ${second} of ${colors}: write ids instead`,
      );
    table.set(color, id);
  }
  return table;
}

const colorName = (color: number): string => formatColor([color >> 16, (color >> 8) & 255, color & 255]);

const namesOf = (readings: readonly Reading[]): string => readings.map(({ colors }) => colors).join(', ');
