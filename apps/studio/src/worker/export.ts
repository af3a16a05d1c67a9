import {
  encodeLabelPng,
  encodePng,
  type LabelMap,
  type NamedClass,
  overlay,
  type Pixels,
  toCoco,
  toCsv,
  toGeoJson,
  toSvg,
} from '@atrous/mask';
import { readPicture } from '@atrous/segmenter';
import { AtrousError } from '@atrous/tensor';
import { type Format, formats } from '../formats.ts';
import type { Look } from '../look.ts';
import { canvasOf } from './canvas.ts';
import { type FoundScene, paint, reach } from './paint.ts';
import { labelsOf, type Scene } from './scene.ts';
import { cutOutOf, leftOut } from './soft_cut.ts';

export interface ExportTask {
  readonly scene: FoundScene;
  readonly labels: LabelMap;
  readonly name: string;
  /** Names and colours as they are shown. */
  readonly classes: readonly NamedClass[];
  readonly look: Look;
  readonly backdrop?: ImageBitmap;
}

/** Where the full-size pixels come from, as the network saw them. */
function pictureOf({ source, picture }: Scene): NonNullable<typeof source | typeof picture> {
  const from = source ?? picture;
  if (!from) throw new AtrousError('input', 'there is no picture to save');
  return from;
}

const writers: Record<Format, (task: ExportTask) => BlobPart | Promise<BlobPart>> = {
  mask: ({ labels, look }) => encodeLabelPng(labels, look.palette) as BlobPart,
  overlay: async ({ scene, labels, look }) => {
    const { opacity, outline, hidden, palette } = look;
    const options = { opacity, outline, hidden: leftOut(scene.found, hidden) };
    const pixels = (await readPicture(pictureOf(scene))) as Pixels;
    return encodePng(overlay(pixels, labels, palette, options)) as BlobPart;
  },
  cutout: async ({ scene, look }) =>
    encodePng(await cutOutOf(pictureOf(scene), scene.found, look.hidden)) as BlobPart,
  view: (task) => encodePng(paintWhole(task)) as BlobPart,
  geojson: ({ labels, classes, look }) => JSON.stringify(toGeoJson(labels, shown(classes, look))),
  svg: ({ labels, classes, look }) => toSvg(labels, shown(classes, look)),
  coco: ({ labels, classes, name, look }) => JSON.stringify(toCoco(labels, shown(classes, look), name)),
  csv: ({ labels, classes }) => toCsv(labels, classes),
};

const shown = (classes: readonly NamedClass[], { hidden }: Look) =>
  classes.filter(({ id }) => !hidden.includes(id));

/** The file of a format. */
export async function exportAs(format: Format, task: Omit<ExportTask, 'labels'>): Promise<Blob> {
  const labels = labelsOf(task.scene.found);
  return new Blob([await writers[format]({ ...task, labels })], { type: formats[format].type });
}

/**
 * What the canvas shows, at the picture's own size: by strips of rows, so that no canvas is as large as a huge picture.
 * @param stripPixels how many are painted at a time
 */
export function paintWhole(
  { scene, look, backdrop }: Pick<ExportTask, 'scene' | 'look' | 'backdrop'>,
  stripPixels: number = 1 << 22,
): Pixels {
  const { width, height } = scene.found;
  const data = new Uint8ClampedArray(width * height * 4);
  const rows = Math.max(1, Math.floor(stripPixels / width));
  for (let top = 0; top < height; top += rows) {
    const begin = Math.max(0, top - reach);
    const end = Math.min(height, top + rows + reach);
    const count = Math.min(rows, height - top);
    const view = { left: 0, top: begin, width, height: end - begin, columns: width, rows: end - begin };
    const strip = canvasOf(width, count); // read from a canvas of its own: what was painted stays on the GPU
    strip.drawImage(paint(scene, look, view, backdrop).canvas, 0, begin - top);
    data.set(strip.getImageData(0, 0, width, count).data, top * width * 4);
  }
  return { width, height, data };
}
