import { bilinearTaps } from '@atrous/tensor';
import type { Probability } from './probability.ts';

/**
 * The probability in the middle of each square of `step` pixels, by the resize that the label map is made with.
 * @param size the picture's
 */
export function sampleProbability(
  { width, height, data, resize }: Probability,
  size: { readonly width: number; readonly height: number },
  step: number,
): Float32Array {
  const across = bilinearTaps(resize, width, size.width);
  const down = bilinearTaps(resize, height, size.height);
  const columns = Math.ceil(size.width / step);
  const rows = Math.ceil(size.height / step);
  const out = new Float32Array(columns * rows);
  for (let y = 0, o = 0; y < rows; y++) {
    const pixelRow = Math.min(size.height - 1, y * step + (step >> 1));
    const upper = down.lower[pixelRow] * width;
    const lower = down.upper[pixelRow] * width;
    const v = down.fraction[pixelRow];
    for (let x = 0; x < columns; x++, o++) {
      const pixel = Math.min(size.width - 1, x * step + (step >> 1));
      const [l, r] = [across.lower[pixel], across.upper[pixel]];
      const h = across.fraction[pixel];
      const top = data[upper + l] + (data[upper + r] - data[upper + l]) * h;
      const bottom = data[lower + l] + (data[lower + r] - data[lower + l]) * h;
      out[o] = top + (bottom - top) * v;
    }
  }
  return out;
}
