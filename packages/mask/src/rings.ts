import type { Arcs } from './arcs.ts';
import { intList, push, valuesOf } from './int_list.ts';

/** Closed lines of halves of arcs around areas. None touches itself: at a point that is passed twice it was cut in two. */
export interface Rings {
  readonly count: number;
  /** Halves of arcs, ring after ring. */
  readonly halves: Int32Array;
  /** Where each ring begins in `halves`; one more, for the end of the last. */
  readonly begin: Int32Array;
  /** The area that each ring bounds. */
  readonly area: Int32Array;
  /** Pixels inside each exact ring: positive for the outer border of its area, negative for a hole. */
  readonly size: Float64Array;
}

/** The rings of all areas, each area's outer border and holes, in the exact arcs of a picture. */
export function ringsOf(arcs: Arcs): Rings {
  const halves = intList();
  const begin = intList();
  const area = intList();
  const isSeen = new Uint8Array(arcs.count * 2);
  const stack: number[] = []; // the walk so far, without the rings that are done
  const depth = new Int32Array(arcs.isFree.length); // by node: where in the stack the half that begins there lies, + 1
  const emit = (from: number) => {
    push(begin, halves.length);
    push(area, arcs.area[stack[from]]);
    for (let i = from; i < stack.length; i++) {
      push(halves, stack[i]);
      depth[arcs.node[stack[i]]] = 0;
    }
    stack.length = from;
  };
  for (let first = 0; first < isSeen.length; first++) {
    if (isSeen[first] || arcs.area[first] < 0) continue;
    for (let half = first; !isSeen[half]; half = following(arcs, half)) {
      isSeen[half] = 1;
      const node = arcs.node[half];
      if (depth[node] > 0) emit(depth[node] - 1); // been here: what lies between is a ring of its own
      stack.push(half);
      depth[node] = stack.length;
    }
    emit(0);
  }
  push(begin, halves.length);
  const count = area.length;
  const sizes = sizesOf(arcs);
  const size = new Float64Array(count);
  for (let ring = 0; ring < count; ring++) {
    for (let i = begin.memory[ring]; i < begin.memory[ring + 1]; i++) {
      const half = halves.memory[i];
      size[ring] += half & 1 ? -sizes[half >> 1] : sizes[half >> 1];
    }
  }
  return { count, halves: valuesOf(halves), begin: valuesOf(begin), area: valuesOf(area), size };
}

/** The next half around the same area: the sharpest turn to the right, since pixels that touch at a corner are apart. */
function following({ node, direction, leaving }: Arcs, half: number): number {
  const end = half ^ 1;
  const slots = node[end] * 4;
  const arriving = direction[end] + 2;
  for (let turn = arriving + 1; ; turn += 3) {
    // right, straight on, left
    const next = leaving[slots + (turn % 4)];
    if (next >= 0) return next;
  }
}

/** What each arc adds to the signed area of a ring: half the sum of its cross products. */
function sizesOf({ count, begin, x, y }: Arcs): Float64Array {
  const sizes = new Float64Array(count);
  for (let arc = 0; arc < count; arc++) {
    let sum = 0;
    for (let i = begin[arc]; i < begin[arc + 1] - 1; i++) sum += x[i] * y[i + 1] - x[i + 1] * y[i];
    sizes[arc] = sum / 2;
  }
  return sizes;
}
