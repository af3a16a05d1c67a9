import type { LabelMap, Palette } from '@atrous/mask';
import type { Look } from '../look.ts';
import { bitmapOf, canvasOf, drawPixels } from './canvas.ts';
import { colorLayer, sampleLabels } from './layer.ts';
import { paint } from './paint.ts';
import { type Found, labelsOf, type Scene, sizeOfPicture } from './scene.ts';

/** Two masks of one picture, side by side, and where they differ. */
export interface Difference {
  /** Share of the pixels whose class is another. */
  readonly share: number;
  readonly pixels: number;
  readonly masks: readonly [ImageBitmap, ImageBitmap];
  /** The picture in grey, and on it in red what differs. */
  readonly marked: ImageBitmap;
}

/** Red that is seen beside any grey. */
const mark: Palette = [
  [0, 0, 0],
  [255, 40, 60],
];

/** @param side of the longest side of what is drawn, in pixels */
export function differenceOf(
  scene: Scene,
  both: readonly [Found, Found],
  look: Look,
  side: number,
): Difference {
  const [a, b] = both.map(labelsOf);
  const data = Uint8Array.from(a.data, (id, i) => Number(id !== b.data[i]));
  const differing: LabelMap = { width: a.width, height: a.height, data };
  const pixels = data.reduce((sum, differs) => sum + differs, 0);
  const scale = Math.min(1, side / Math.max(a.width, a.height));
  const [columns, rows] = [a.width, a.height].map((extent) => Math.max(1, Math.round(extent * scale)));
  const view = { left: 0, top: 0, width: a.width, height: a.height, columns, rows };
  const mask = (found: Found) => bitmapOf(paint({ found }, { ...look, mode: 'mask', wipe: undefined }, view));

  const context = canvasOf(columns, rows);
  const { picture } = scene;
  if (picture) {
    const { width, height } = sizeOfPicture(picture);
    context.filter = 'grayscale(1) opacity(0.6)';
    context.drawImage(picture, 0, 0, width, height, 0, 0, columns, rows);
    context.filter = 'none';
  }
  const marks = colorLayer(sampleLabels(differing, view), view, mark, { hidden: [0] });
  drawPixels(context, marks);
  return {
    share: pixels / data.length,
    pixels,
    masks: [mask(both[0]), mask(both[1])],
    marked: bitmapOf(context),
  };
}
