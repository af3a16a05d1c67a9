import { type Knowledge, known, type Tells } from './regions.ts';
import type { Grids } from './working_picture.ts';

/** How covered the blocks of a cell are in the mean where it tells of colours inside; outside, the same from 0. */
const allIn = 0.98;
/** More than what was known beforehand: it is nearer to the edge. */
const tellsMore = 2;

/**
 * What cells tell of the colours inside and outside once there is an alpha: those that came out wholly in or out are taken
 * in, and those that are partly covered tell as much less.
 * @param alpha of blocks
 */
export function secondLook(alpha: Float32Array, { state, inside, outside }: Knowledge, grids: Grids): Tells {
  const [nowInside, nowOutside] = [inside.slice(), outside.slice()];
  for (let row = 0, i = 0; row < grids.cellsDown; row++) {
    for (let column = 0; column < grids.cellsAcross; column++, i++) {
      if (state[i] !== known.unknown) continue;
      const mean = meanOfCell(alpha, row, column, grids);
      nowInside[i] = mean > allIn ? tellsMore : inside[i] * mean;
      nowOutside[i] = mean < 1 - allIn ? tellsMore : outside[i] * (1 - mean);
    }
  }
  // a side that nothing tells of keeps what it had
  return {
    inside: tellsAny(nowInside) ? nowInside : inside,
    outside: tellsAny(nowOutside) ? nowOutside : outside,
  };
}

const tellsAny = (weights: Float32Array): boolean => weights.some((weight) => weight > 0);

function meanOfCell(
  plane: Float32Array,
  row: number,
  column: number,
  { width, height, cell }: Grids,
): number {
  const [top, left] = [row * cell, column * cell];
  const [bottom, right] = [Math.min(height, top + cell), Math.min(width, left + cell)];
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let i = y * width + left; i < y * width + right; i++) sum += plane[i];
  return sum / ((bottom - top) * (right - left));
}
