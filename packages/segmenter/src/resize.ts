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
 */
export function resampleTaps(from: number, to: number, antialias: boolean): ResampleTaps {
  const scale = from / to;
  const radius = antialias ? Math.max(1, scale) : 1;
  const stride = Math.ceil(2 * radius) + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * stride);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - radius + 0.5));
    const end = Math.min(from, Math.floor(centre + radius + 0.5));
    let sum = 0;
    for (let j = first; j < end; j++) {
      const weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / radius);
      weights[i * stride + j - first] = weight;
      sum += weight;
    }
    for (let j = 0; j < end - first; j++) weights[i * stride + j] /= sum;
    start[i] = first;
    count[i] = end - first;
  }
  return { start, count, weights, stride };
}
