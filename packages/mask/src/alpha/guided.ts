import { type Knowledge, known, openRuns } from './regions.ts';
import type { Grids } from './working_picture.ts';

/** Alpha as a line through the picture's lightness around each block: `gain · lightness + base`, lightness 0 to 1. */
export interface LocalLines {
  readonly gain: Float32Array;
  readonly base: Float32Array;
}

const epsilon = 1e-4;

/**
 * A guided filter of radius 1 (He, Sun and Tang, 2013): alpha follows edges of the picture, also at sizes above the
 * blocks' (He and Sun, 2015). Where all around has one alpha, the line is that alpha, exactly.
 * @param colors of blocks
 */
export function localLines(
  colors: Float32Array,
  alpha: Float32Array,
  knowledge: Knowledge,
  grids: Grids,
): LocalLines {
  const { width, height } = grids;
  const light = new Float32Array(width * height);
  // beyond open cells, where alpha is flat, no line asks for it
  openRuns(knowledge, grids, (y, from, end) => {
    for (let i = y * width + from, c = 3 * i; i < y * width + end; i++, c += 3)
      light[i] = lightness(colors[c], colors[c + 1], colors[c + 2]);
  });
  const gain = new Float32Array(width * height);
  const base = new Float32Array(width * height);
  fillInside(base, knowledge, grids);
  openRuns(knowledge, grids, (y, from, end) => {
    for (let x = from; x < end; x++) fitLine(light, alpha, width, height, x, y, gain, base);
  });
  return { gain: smooth(gain, knowledge, grids), base: smooth(base, knowledge, grids) };
}

/** ITU-R BT.601's luma, 0 to 1. */
export const lightness = (red: number, green: number, blue: number): number =>
  (0.299 * red + 0.587 * green + 0.114 * blue) / 255;

/** Least squares over the 3×3 blocks around one; fewer at the border. */
function fitLine(
  light: Float32Array,
  alpha: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  gain: Float32Array,
  base: Float32Array,
): void {
  const bottom = Math.min(height - 1, y + 1);
  const left = Math.max(0, x - 1);
  const right = Math.min(width - 1, x + 1);
  const i = y * width + x;
  const own = alpha[i];
  let sumA = 0;
  let sumL = 0;
  let sumLL = 0;
  let sumAL = 0;
  let count = 0;
  let isFlat = true;
  for (let v = Math.max(0, y - 1); v <= bottom; v++) {
    for (let at = v * width + left; at <= v * width + right; at++) {
      const a = alpha[at];
      const l = light[at];
      sumA += a;
      sumL += l;
      sumLL += l * l;
      sumAL += a * l;
      count++;
      if (a !== own) isFlat = false;
    }
  }
  const meanA = sumA / count;
  const meanL = sumL / count;
  const slope = isFlat ? 0 : (sumAL / count - meanA * meanL) / (sumLL / count - meanL * meanL + epsilon);
  gain[i] = slope;
  base[i] = isFlat ? own : meanA - slope * meanL;
}

/** The mean over 3×3 blocks; fewer at the border. */
function smooth(plane: Float32Array, knowledge: Knowledge, grids: Grids): Float32Array {
  const { width, height } = grids;
  const out = plane.slice();
  openRuns(knowledge, grids, (y, from, end) => {
    const top = Math.max(0, y - 1);
    const bottom = Math.min(height - 1, y + 1);
    for (let x = from; x < end; x++) {
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      let sum = 0;
      for (let v = top; v <= bottom; v++)
        for (let at = v * width + left; at <= v * width + right; at++) sum += plane[at];
      out[y * width + x] = sum / ((bottom - top + 1) * (right - left + 1));
    }
  });
  return out;
}

/** 1 in the blocks of cells that are inside. */
function fillInside(
  plane: Float32Array,
  { state }: Knowledge,
  { width, height, cell, cellsAcross }: Grids,
): void {
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cell) * cellsAcross;
    for (let column = 0; column < cellsAcross; column++) {
      const from = y * width + column * cell;
      if (state[row + column] === known.inside) plane.fill(1, from, Math.min(from + cell, (y + 1) * width));
    }
  }
}
