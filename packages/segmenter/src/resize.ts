/** For each output position along one axis: where its taps begin, how many there are, and their weights. */
export interface ResampleTaps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  /** `stride` numbers per output position. */
  readonly weights: Float64Array;
  readonly stride: number;
}

/**
 * A triangle filter that widens when it shrinks (PIL's `BILINEAR`): with s = from/to, radius r = max(1, s) and
 * centre c = (i + ½)·s, the taps are max(0, ⌊c − r + ½⌋) to min(from, ⌊c + r + ½⌋), exclusive, with the weight
 * max(0, 1 − |j + ½ − c| / r), normalised to sum 1. Without antialiasing r stays 1.
 * @param first the output position that the first taps are for
 * @param length for how many positions
 */
export function resampleTaps(
  from: number,
  to: number,
  antialias: boolean,
  first = 0,
  length: number = to,
): ResampleTaps {
  const scale = from / to;
  const radius = antialias ? Math.max(1, scale) : 1;
  const stride = Math.ceil(2 * radius) + 1;
  const start = new Int32Array(length);
  const count = new Int32Array(length);
  const weights = new Float64Array(length * stride);
  for (let i = 0; i < length; i++) {
    const centre = (first + i + 0.5) * scale;
    const begin = Math.max(0, Math.floor(centre - radius + 0.5));
    const end = Math.min(from, Math.floor(centre + radius + 0.5));
    let sum = 0;
    for (let j = begin; j < end; j++) {
      const weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / radius);
      weights[i * stride + j - begin] = weight;
      sum += weight;
    }
    for (let j = 0; j < end - begin; j++) weights[i * stride + j] /= sum;
    start[i] = begin;
    count[i] = end - begin;
  }
  return { start, count, weights, stride };
}
