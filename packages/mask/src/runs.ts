import { intList, push, valuesOf } from './int_list.ts';

/** The runs of pixels of every region of a picture, in one pass over it. Positions count along the rows or the columns. */
export interface Runs {
  /** Where each region's runs begin in `start` and `length`; one more, for the end of the last. */
  readonly begin: Int32Array;
  readonly start: Int32Array;
  readonly length: Int32Array;
}

/** A picture cut into regions. */
export interface Regions {
  readonly width: number;
  readonly height: number;
  /** The region of each pixel, 0 to `count` − 1. */
  readonly of: ArrayLike<number>;
  readonly count: number;
}

/** @param along the lines that positions count along: rows, left to right, or columns, down */
export function runsOf({ width, height, of, count }: Regions, along: 'rows' | 'columns'): Runs {
  const [lines, lineStep, step] = along === 'rows' ? [height, width, 1] : [width, 1, width];
  const perLine = along === 'rows' ? width : height;
  const regions = intList();
  const starts = intList();
  let current = -1;
  for (let line = 0, position = 0; line < lines; line++) {
    for (let i = 0, at = line * lineStep; i < perLine; i++, at += step, position++) {
      const region = of[at];
      if (region === current) continue;
      current = region;
      push(regions, region);
      push(starts, position);
    }
  }
  push(starts, width * height); // where the last run ends
  return byRegion(valuesOf(regions), valuesOf(starts), count);
}

/** Sorts runs by region, each region's in their order. */
function byRegion(regions: Int32Array, starts: Int32Array, count: number): Runs {
  const begin = new Int32Array(count + 1);
  for (const region of regions) begin[region + 1]++;
  for (let region = 0; region < count; region++) begin[region + 1] += begin[region];
  const free = begin.slice();
  const start = new Int32Array(regions.length);
  const length = new Int32Array(regions.length);
  regions.forEach((region, i) => {
    const at = free[region]++;
    start[at] = starts[i];
    length[at] = starts[i + 1] - starts[i];
  });
  return { begin, start, length };
}
