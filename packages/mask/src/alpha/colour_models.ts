import { momentsAround } from './moments.ts';
import type { Tells } from './regions.ts';
import type { Grids } from './working_picture.ts';

/**
 * What each patch says of the colours inside (F) and outside (B) around it, interleaved. A colour c is put on the line
 * from B to F by Fisher's discriminant: `w·c − offset` is 0 at B and `reach` at F.
 */
export const model = {
  /** Three numbers: (ΣF + ΣB + ν)⁻¹ (F − B). */
  w: 0,
  offset: 3,
  reach: 4,
  /** Variances along w: of the colours inside, of those outside, of the sensor. */
  varianceInside: 5,
  varianceOutside: 6,
  noise: 7,
  /** Mean colours, three numbers each, and their variances, a mean of the channels. */
  inside: 8,
  outside: 11,
  spreadInside: 14,
  spreadOutside: 15,
  size: 16,
} as const;

/** Of a camera's 8-bit pixels, squared. */
const sensorVariance = 12;

/** Models of all patches, `model.size` numbers each. */
export function colourModels(colors: Float32Array, { inside, outside }: Tells, grids: Grids): Float32Array {
  const f = momentsAround(colors, inside, grids);
  const b = momentsAround(colors, outside, grids);
  const count = grids.patches.across * grids.patches.down;
  const out = new Float32Array(count * model.size);
  const meanF = new Float64Array(3);
  const meanB = new Float64Array(3);
  const covF = new Float64Array(6);
  const covB = new Float64Array(6);
  const w = new Float64Array(3);
  for (let i = 0, o = 0; i < count; i++, o += model.size) {
    gaussian(f, i, meanF, covF);
    gaussian(b, i, meanB, covB);
    discriminant(meanF, covF, meanB, covB, w);
    let offset = 0;
    let reach = 0;
    let noise = 0;
    for (let c = 0; c < 3; c++) {
      offset += w[c] * meanB[c];
      reach += w[c] * (meanF[c] - meanB[c]);
      noise += w[c] * w[c] * sensorVariance;
      out[o + model.w + c] = w[c];
      out[o + model.inside + c] = meanF[c];
      out[o + model.outside + c] = meanB[c];
    }
    out[o + model.offset] = offset;
    out[o + model.reach] = reach;
    out[o + model.varianceInside] = along(w, covF);
    out[o + model.varianceOutside] = along(w, covB);
    out[o + model.noise] = noise;
    out[o + model.spreadInside] = (covF[0] + covF[1] + covF[2]) / 3;
    out[o + model.spreadOutside] = (covB[0] + covB[1] + covB[2]) / 3;
  }
  return out;
}

/** Mean and covariance (rr, gg, bb, rg, rb, gb) of a patch. */
function gaussian(moments: readonly Float64Array[], i: number, mean: Float64Array, cov: Float64Array): void {
  const weight = moments[0][i];
  for (let c = 0; c < 3; c++) mean[c] = moments[1 + c][i] / weight;
  for (let c = 0; c < 3; c++) cov[c] = Math.max(0, moments[4 + c][i] / weight - mean[c] * mean[c]);
  cov[3] = moments[7][i] / weight - mean[0] * mean[1];
  cov[4] = moments[8][i] / weight - mean[0] * mean[2];
  cov[5] = moments[9][i] / weight - mean[1] * mean[2];
}

/** (ΣF + ΣB + ν)⁻¹ (F − B), by cofactors. */
function discriminant(
  meanF: Float64Array,
  covF: Float64Array,
  meanB: Float64Array,
  covB: Float64Array,
  w: Float64Array,
): void {
  const rr = covF[0] + covB[0] + sensorVariance;
  const gg = covF[1] + covB[1] + sensorVariance;
  const bb = covF[2] + covB[2] + sensorVariance;
  const rg = covF[3] + covB[3];
  const rb = covF[4] + covB[4];
  const gb = covF[5] + covB[5];
  const c00 = gg * bb - gb * gb;
  const c01 = rb * gb - rg * bb;
  const c02 = rg * gb - rb * gg;
  const c11 = rr * bb - rb * rb;
  const c12 = rg * rb - rr * gb;
  const c22 = rr * gg - rg * rg;
  const determinant = rr * c00 + rg * c01 + rb * c02;
  const r = meanF[0] - meanB[0];
  const g = meanF[1] - meanB[1];
  const b = meanF[2] - meanB[2];
  w[0] = (c00 * r + c01 * g + c02 * b) / determinant;
  w[1] = (c01 * r + c11 * g + c12 * b) / determinant;
  w[2] = (c02 * r + c12 * g + c22 * b) / determinant;
}

/** wᵀ Σ w. */
function along(w: Float64Array, cov: Float64Array): number {
  const squares = w[0] * w[0] * cov[0] + w[1] * w[1] * cov[1] + w[2] * w[2] * cov[2];
  const products = w[0] * w[1] * cov[3] + w[0] * w[2] * cov[4] + w[1] * w[2] * cov[5];
  return Math.max(0, squares + 2 * products);
}
