import { floatsOf, type Tensor } from '@atrous/tensor';
import { bitmapOf, canvasFrom, canvasOf } from './canvas.ts';
import { heatMap } from './heat.ts';

/** Feature maps side by side. */
export interface Tiles {
  readonly bitmap: ImageBitmap;
  readonly channels: number;
  readonly shown: number;
  /** Lowest and highest value of all channels. */
  readonly range: readonly [number, number];
}

const gap = 2;

/** The first channels of [1,h,w,c] as tiles, each from its own lowest to its own highest value. */
export function tilesOf(tensor: Tensor, most: number, width: number): Tiles {
  const values = floatsOf(tensor);
  const [, rows, columns, channels] = tensor.shape;
  const shown = Math.min(channels, most);
  const across = Math.ceil(Math.sqrt(shown));
  const tile = Math.max(8, Math.floor((width - gap * (across - 1)) / across));
  const height = Math.max(1, Math.round((tile * rows) / columns));
  const down = Math.ceil(shown / across);
  const context = canvasOf(across * (tile + gap) - gap, down * (height + gap) - gap);
  context.imageSmoothingEnabled = false;
  const map = new Float32Array(rows * columns);
  let [lowest, highest] = [Infinity, -Infinity];
  for (let c = 0; c < channels; c++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0, at = c; i < map.length; i++, at += channels) {
      map[i] = values[at];
      low = Math.min(low, map[i]);
      high = Math.max(high, map[i]);
    }
    lowest = Math.min(lowest, low);
    highest = Math.max(highest, high);
    if (c >= shown) continue;
    const [x, y] = [(c % across) * (tile + gap), Math.floor(c / across) * (height + gap)];
    context.drawImage(canvasFrom(heatMap(map, columns, rows, low, high)), x, y, tile, height);
  }
  return { bitmap: bitmapOf(context), channels, shown, range: [lowest, highest] };
}
