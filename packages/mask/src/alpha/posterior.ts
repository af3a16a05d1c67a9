/** Coverages that are compared: 0, 0.1 … 1. */
const levels = 11;
const between = levels - 2;
/** How much is known of a pixel before its colour is looked at: the network's probability counts squared. */
const partly = 12;
const partlyAnywhere = 0.15;
/** The network is never taken as surer than this. */
const surest = 0.998;

const distances = new Float64Array(levels);
const weights = new Float64Array(levels);

/** e^−x for x from 0 to 20, in steps of 1/128, rounded, so that engines whose last bits differ agree. */
const perUnit = 128;
const decay = Float32Array.from({ length: 20 * perUnit + 1 }, (_, i) => Math.exp(-i / perUnit));

/**
 * How much of a pixel is covered: the median of what is likely, given where its colour lies between those outside and
 * inside. A coverage α has a mean of α·reach and a variance of α²·varianceInside + (1 − α)²·varianceOutside + noise
 * (Ruzon and Tomasi, 2000; Chuang et al., 2001); all and nothing are far likelier beforehand than anything between, and
 * the more so the surer the network. The median, since its error is the smallest in the mean, and since it is 0 and 1
 * themselves where these are likely.
 * @param along the pixel's colour on the line from outside (0) to inside (`reach`)
 * @param probability the network's, 0 to 1
 */
export function coverage(
  along: number,
  reach: number,
  varianceInside: number,
  varianceOutside: number,
  noise: number,
  probability: number,
): number {
  const p = Math.min(surest, Math.max(1 - surest, probability));
  let nearest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < levels; k++) {
    const a = k / (levels - 1);
    const b = 1 - a;
    const precision = 1 / (a * a * varianceInside + b * b * varianceOutside + noise + 1e-9);
    const off = along - a * reach;
    const distance = 0.5 * off * off * precision;
    distances[k] = distance;
    weights[k] = Math.sqrt(precision);
    if (distance < nearest) nearest = distance;
  }
  const middle = (partly * p * (1 - p) + partlyAnywhere) / between;
  let sum = 0;
  for (let k = 0; k < levels; k++) {
    const prior = k === 0 ? (1 - p) * (1 - p) : k === levels - 1 ? p * p : middle * middle;
    const steps = (distances[k] - nearest) * perUnit;
    weights[k] = steps < decay.length ? weights[k] * prior * decay[steps | 0] : 0;
    sum += weights[k];
  }
  const half = sum / 2;
  if (weights[0] >= half) return 0;
  let below = weights[0];
  for (let k = 1; k < levels - 1; k++) {
    if (below + weights[k] >= half) return (k - 0.5 + (half - below) / weights[k]) / (levels - 1);
    below += weights[k];
  }
  return 1;
}
