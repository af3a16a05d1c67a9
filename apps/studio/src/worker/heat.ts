import { heatColors } from '@atrous/mask/looks';

const colors = new Uint32Array(heatColors.buffer);

/** Values from `low` to `high` as colours. */
export function heatMap(
  values: ArrayLike<number>,
  width: number,
  height: number,
  low = 0,
  high = 1,
): ImageData {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = colors[Math.min(255, Math.max(0, Math.round((values[i] - low) * scale)))];
  }
  return image;
}
