import type { LabelMap } from './label_map.ts';

/** Connected areas of a label map: pixels of one class that touch at sides. Numbered in reading order of their first pixel. */
export interface Areas {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** The area of each pixel. */
  readonly of: Int32Array;
  /** Each area's class. */
  readonly id: Uint16Array;
  /** Each area's first pixel. */
  readonly first: Int32Array;
  /** Each area's number of pixels. */
  readonly pixels: Int32Array;
  /** Each area's left, top, right and bottom; right and bottom are the first column and row beyond it. */
  readonly boxes: Int32Array;
}

/**
 * The connected areas, in two passes over the pixels (union-find).
 * @param cuts not 0 for pixels that are not connected to their left neighbour
 */
export function areasOf(labels: LabelMap, cuts?: Uint8Array): Areas {
  const { width, height, data } = labels;
  const of = new Int32Array(data.length); // first the pixel that each belongs to, then the number of its area
  const rootOf = (pixel: number) => {
    let at = pixel;
    while (of[at] !== at) {
      of[at] = of[of[at]];
      at = of[at];
    }
    return at;
  };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const isLeft = x > 0 && data[i - 1] === data[i] && !cuts?.[i];
      const isUp = y > 0 && data[i - width] === data[i];
      of[i] = isLeft ? of[i - 1] : isUp ? of[i - width] : i;
      if (!isLeft || !isUp || of[i - 1] === of[i - width]) continue;
      const [left, up] = [rootOf(i - 1), rootOf(i - width)];
      const root = Math.min(left, up); // the first in reading order stands for all
      of[left] = root;
      of[up] = root;
      of[i] = root;
    }
  }
  let count = 0;
  for (let i = 0; i < of.length; i++) of[i] = of[i] === i ? count++ : of[of[i]];
  return { width, height, count, of, ...measure(labels, of, count) };
}

function measure({ width, height, data }: LabelMap, of: Int32Array, count: number) {
  const id = new Uint16Array(count);
  const first = new Int32Array(count);
  const pixels = new Int32Array(count);
  const boxes = new Int32Array(count * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const area = of[i];
      const box = area * 4;
      if (pixels[area]++ === 0) {
        id[area] = data[i];
        first[area] = i;
        boxes[box] = x;
        boxes[box + 1] = y;
      }
      if (x < boxes[box]) boxes[box] = x;
      if (x >= boxes[box + 2]) boxes[box + 2] = x + 1;
      boxes[box + 3] = y + 1;
    }
  }
  return { id, first, pixels, boxes };
}
