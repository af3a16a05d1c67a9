import { bilinearTaps } from '@atrous/tensor';
import type { Probability } from './probability.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Samples the probability in the middle of squares of `step` pixels, by the resize that the label map is made with: those of
 * a row from one to another, into a plane of as many squares as cover the picture.
 * @param size the picture's
 */
export function sampler(
  { width, height, data, resize }: Probability,
  size: Size,
  step: number,
): (row: number, from: number, end: number, out: Float32Array) => void {
  const across = bilinearTaps(resize, width, size.width);
  const down = bilinearTaps(resize, height, size.height);
  const columns = Math.ceil(size.width / step);
  return (row, from, end, out) => {
    const pixelRow = Math.min(size.height - 1, row * step + (step >> 1));
    const upper = down.lower[pixelRow] * width;
    const lower = down.upper[pixelRow] * width;
    const v = down.fraction[pixelRow];
    for (let x = from, o = row * columns + from; x < end; x++, o++) {
      const pixel = Math.min(size.width - 1, x * step + (step >> 1));
      const l = across.lower[pixel];
      const r = across.upper[pixel];
      const h = across.fraction[pixel];
      const top = data[upper + l] + (data[upper + r] - data[upper + l]) * h;
      const bottom = data[lower + l] + (data[lower + r] - data[lower + l]) * h;
      out[o] = top + (bottom - top) * v;
    }
  };
}

/** The same, everywhere. */
export function sampleProbability(probability: Probability, size: Size, step: number): Float32Array {
  const columns = Math.ceil(size.width / step);
  const rows = Math.ceil(size.height / step);
  const out = new Float32Array(columns * rows);
  const sample = sampler(probability, size, step);
  for (let y = 0; y < rows; y++) sample(y, 0, columns, out);
  return out;
}
