import { AtrousError } from '@atrous/tensor';
import type { LabelMap } from './label_map.ts';
import { type OverlayOptions, rowOverlay } from './overlay_rows.ts';
import { colorOf, type Palette } from './palette.ts';
import type { Pixels } from './pixels.ts';

function expectSameSize(picture: Pixels, labels: LabelMap): void {
  if (picture.width !== labels.width || picture.height !== labels.height) {
    throw new AtrousError(
      'shape',
      `picture ${picture.height}×${picture.width} and label map ${labels.height}×${labels.width} differ in size`,
    );
  }
  if (picture.data.length !== picture.width * picture.height * 4) {
    throw new AtrousError(
      'shape',
      `picture: expected RGBA, ${picture.width * picture.height * 4} bytes, got ${picture.data.length}`,
    );
  }
}

/** The palette as flat RGB, so that inner loops index once. */
function flatten(palette: Palette, count: number): Uint8Array {
  return Uint8Array.from({ length: count * 3 }, (_, i) => colorOf(palette, Math.floor(i / 3))[i % 3]);
}

/** The class colours, opaque. */
export function colorMask(labels: LabelMap, palette: Palette): Pixels {
  const colors = flatten(palette, labels.data instanceof Uint8Array ? 256 : 65536);
  const data = new Uint8ClampedArray(labels.data.length * 4);
  for (let i = 0; i < labels.data.length; i++) {
    const color = labels.data[i] * 3;
    data[4 * i] = colors[color];
    data[4 * i + 1] = colors[color + 1];
    data[4 * i + 2] = colors[color + 2];
    data[4 * i + 3] = 255;
  }
  return { width: labels.width, height: labels.height, data };
}

/** The picture with the class colours over it. Alpha stays the picture's. @throws AtrousError `shape` when the sizes differ */
export function overlay(
  picture: Pixels,
  labels: LabelMap,
  palette: Palette,
  options?: OverlayOptions,
): Pixels {
  expectSameSize(picture, labels);
  const data = new Uint8ClampedArray(picture.data.length);
  rowOverlay(palette, options)(picture.data, 4, labels, 0, data);
  return { width: labels.width, height: labels.height, data };
}

/** The picture where it shows one of the classes, transparent elsewhere. @throws AtrousError `shape` when the sizes differ */
export function cutOut(picture: Pixels, labels: LabelMap, classes: Iterable<number>): Pixels {
  expectSameSize(picture, labels);
  const kept = new Set(classes);
  const data = Uint8ClampedArray.from(picture.data);
  for (let i = 0; i < labels.data.length; i++) if (!kept.has(labels.data[i])) data[4 * i + 3] = 0;
  return { width: labels.width, height: labels.height, data };
}

/** What share of the pixels each class has, by id; together 1. */
export function classShares(labels: LabelMap, classes: number): number[] {
  const counts = new Float64Array(classes);
  const { data } = labels;
  for (let i = 0; i < data.length; i++) if (data[i] < classes) counts[data[i]]++;
  return Array.from(counts, (count) => count / data.length);
}
