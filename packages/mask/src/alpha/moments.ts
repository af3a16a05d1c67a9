import type { Grids } from './working_picture.ts';

/** Numbers per patch: the weight, and times it red, green, blue, and their products rr, gg, bb, rg, rb, gb. */
export const momentCount = 10;

/**
 * Weighted sums of the colours around each patch, and of their products: what local means and covariances are made of.
 * A Gaussian with a sigma of about 1.5 samples of the probability, as three box filters; the whole picture's sums are
 * added with a weight next to nothing, for where there is nothing else.
 * @param colors of blocks
 * @param weights of cells
 * @returns `momentCount` planes of patches
 */
export function momentsAround(colors: Float32Array, weights: Float32Array, grids: Grids): Float64Array[] {
  const { across, down, stride } = grids.patches;
  const planes = sumsOf(colors, weights, grids);
  const totals = planes.map(sumOf);
  // three boxes of 2r + 1 have a variance of (2r + 1)² / 4 − ¼
  const radius = Math.max(1, Math.round(1.5 * stride - 0.5));
  const longest = Math.max(across, down);
  const lines = [new Float64Array(longest), new Float64Array(longest)] as const;
  planes.forEach((plane, k) => {
    for (let y = 0; y < down; y++) blurLine(plane, y * across, 1, across, radius, lines);
    for (let x = 0; x < across; x++) blurLine(plane, x, across, down, radius, lines);
    const little = (1e-6 * totals[k]) / totals[0];
    for (let i = 0; i < plane.length; i++) plane[i] += little;
  });
  return planes;
}

function sumOf(plane: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < plane.length; i++) sum += plane[i];
  return sum;
}

function sumsOf(colors: Float32Array, weights: Float32Array, grids: Grids): Float64Array[] {
  const { width, height, cell, cellsAcross, patches } = grids;
  const planes = Array.from({ length: momentCount }, () => new Float64Array(patches.across * patches.down));
  const sums = new Float64Array(momentCount);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cell) * cellsAcross;
    const patchRow = Math.floor(y / (cell * patches.cells)) * patches.across;
    for (let column = 0; column < cellsAcross; column++) {
      const weight = weights[row + column];
      if (weight === 0) continue;
      const left = y * width + column * cell;
      sumColors(colors, left, Math.min(left + cell, (y + 1) * width), sums);
      const patch = patchRow + Math.floor(column / patches.cells);
      for (let k = 0; k < momentCount; k++) planes[k][patch] += weight * sums[k];
    }
  }
  return planes;
}

function sumColors(colors: Float32Array, from: number, end: number, out: Float64Array): void {
  out.fill(0);
  for (let i = from, p = 3 * from; i < end; i++, p += 3) {
    const r = colors[p];
    const g = colors[p + 1];
    const b = colors[p + 2];
    out[0]++;
    out[1] += r;
    out[2] += g;
    out[3] += b;
    out[4] += r * r;
    out[5] += g * g;
    out[6] += b * b;
    out[7] += r * g;
    out[8] += r * b;
    out[9] += g * b;
  }
}

/** Three box means along a line, in place; beyond its ends there is nothing. */
function blurLine(
  plane: Float64Array,
  from: number,
  step: number,
  length: number,
  radius: number,
  [one, other]: readonly [Float64Array, Float64Array],
): void {
  for (let i = 0; i < length; i++) one[i] = plane[from + i * step];
  boxMean(one, other, length, radius);
  boxMean(other, one, length, radius);
  boxMean(one, other, length, radius);
  for (let i = 0; i < length; i++) plane[from + i * step] = other[i];
}

function boxMean(line: Float64Array, out: Float64Array, length: number, radius: number): void {
  const share = 1 / (2 * radius + 1);
  let sum = 0;
  for (let i = 0; i < Math.min(radius, length); i++) sum += line[i];
  for (let i = 0; i < length; i++) {
    if (i + radius < length) sum += line[i + radius];
    if (i > radius) sum -= line[i - radius - 1];
    out[i] = sum * share;
  }
}
