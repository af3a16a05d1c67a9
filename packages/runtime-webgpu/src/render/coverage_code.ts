import { halfKept } from '@atrous/mask/looks';

/**
 * How much of a pixel of the canvas is kept: the probability between its neighbours, by the tables of the label map's resize (rows, then columns, each the lower
 * and the upper sample and the fraction's bits), its rise made steeper.
 */
export const coverageCode: string = `
fn coverageAt(x: i32, y: i32) -> f32 {
  let columns = 3 * p.height;
  let left = taps[columns + x];
  let right = taps[columns + p.width + x];
  let tx = bitcast<f32>(taps[columns + 2 * p.width + x]);
  let above = taps[y] * p.inWidth;
  let below = taps[p.height + y] * p.inWidth;
  let upper = mix(probability[above + left], probability[above + right], tx);
  let lower = mix(probability[below + left], probability[below + right], tx);
  let t = saturate((mix(upper, lower, bitcast<f32>(taps[2 * p.height + y])) - ${halfKept}) / max(bitcast<f32>(p.softness), 1e-6) + 0.5);
  return t * t * (3.0 - 2.0 * t);
}`;
