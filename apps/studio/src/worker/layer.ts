import { colorOf, type LabelMap, type Palette } from '@atrous/mask';
import type { Viewport } from '../look.ts';

/** The class under each canvas pixel: the label map's nearest pixel, never a mixture. */
export function sampleLabels({ data, width, height }: LabelMap, view: Viewport): Uint16Array {
  const { columns, rows } = view;
  const source = (start: number, extent: number, count: number, last: number) =>
    Int32Array.from({ length: count }, (_, i) =>
      Math.min(last, Math.max(0, Math.floor(start + ((i + 0.5) * extent) / count))),
    );
  const xs = source(view.left, view.width, columns, width - 1);
  const ys = source(view.top, view.height, rows, height - 1);
  const ids = new Uint16Array(columns * rows);
  for (let y = 0, o = 0; y < rows; y++) {
    const line = ys[y] * width;
    for (let x = 0; x < columns; x++, o++) ids[o] = data[line + xs[x]];
  }
  return ids;
}

export interface LayerOptions {
  /** Classes that are transparent. @default none */
  readonly hidden?: readonly number[];
  /** Of areas, 0 to 1. @default 1 */
  readonly opacity?: number;
  /** Pixels on either side of a border that are opaque whatever the areas are. @default 0 */
  readonly border?: number;
}

/** Classes to colours, as canvas pixels. */
export function colorLayer(
  ids: Uint16Array,
  { columns, rows }: Pick<Viewport, 'columns' | 'rows'>,
  palette: Palette,
  { hidden = [], opacity = 1, border = 0 }: LayerOptions = {},
): ImageData {
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const count = ids.reduce((most, id) => Math.max(most, id), 0) + 1;
  const [areas, borders] = [opacity, 1].map((alpha) => packColors(palette, count, hidden, alpha));
  for (let y = 0, i = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, i++) {
      const id = ids[i];
      const isBorder =
        border > 0 &&
        ((x >= border && ids[i - border] !== id) ||
          (x < columns - border && ids[i + border] !== id) ||
          (y >= border && ids[i - border * columns] !== id) ||
          (y < rows - border && ids[i + border * columns] !== id));
      pixels[i] = isBorder ? borders[id] : areas[id];
    }
  }
  return image;
}

/** Colours by class id as canvas pixels. */
function packColors(palette: Palette, count: number, hidden: readonly number[], alpha: number): Uint32Array {
  const colors = new Uint32Array(count);
  const bytes = new Uint8Array(colors.buffer);
  for (let id = 0; id < count; id++) {
    if (!hidden.includes(id)) bytes.set([...colorOf(palette, id), Math.round(255 * alpha)], 4 * id);
  }
  return colors;
}
