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

/** Classes to colours, as canvas pixels; hidden ones are transparent. */
export function colorLayer(
  ids: Uint16Array,
  { columns, rows }: Pick<Viewport, 'columns' | 'rows'>,
  palette: Palette,
  hidden: readonly number[],
): ImageData {
  const image = new ImageData(columns, rows);
  const colors = new Uint32Array(ids.reduce((most, id) => Math.max(most, id), 0) + 1);
  const bytes = new Uint8Array(colors.buffer);
  for (let id = 0; id < colors.length; id++) {
    if (!hidden.includes(id)) bytes.set([...colorOf(palette, id), 255], 4 * id);
  }
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < ids.length; i++) pixels[i] = colors[ids[i]];
  return image;
}

/** Keeps what is within `reach` canvas pixels of another class, and makes the rest transparent. */
export function keepBorders(layer: ImageData, ids: Uint16Array, reach: number): ImageData {
  const { width, height } = layer;
  const pixels = new Uint32Array(layer.data.buffer);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const id = ids[i];
      const isBorder =
        (x >= reach && ids[i - reach] !== id) ||
        (x < width - reach && ids[i + reach] !== id) ||
        (y >= reach && ids[i - reach * width] !== id) ||
        (y < height - reach && ids[i + reach * width] !== id);
      if (!isBorder) pixels[i] = 0;
    }
  }
  return layer;
}
