import { areasOf } from '../areas.ts';
import { distancesTo } from './distance.ts';
import type { Grids } from './working_picture.ts';

/** What is known of a cell. */
export const known = { outside: 0, inside: 1, unknown: 2 } as const;

/** What cells tell of colours. */
export interface Tells {
  /** Of each cell: how much it tells of the colours inside; 1 for a cell that is surely inside. */
  readonly inside: Float32Array;
  /** And of those outside. */
  readonly outside: Float32Array;
}

/** Where the edges of a cut-out are to be looked for. */
export interface Knowledge extends Tells {
  /** Of each cell: one of `known`. */
  readonly state: Uint8Array;
  /** Of each cell: not 0 for unknown ones and next to them, where alpha may be other than its state says. */
  readonly isOpen: Uint8Array;
}

/** An area below this share of the largest is no object of its own, and a hole below it is none. */
const speckShare = 0.005;
/** Samples of the probability that an edge may be away from where the network has it, and hairs may reach. */
const reach = 2.5;
/** Cells nearer to the edge tell of colours where the network is this sure, as far as there are no better ones near. */
const sure = 0.9;
const tellsLittle = 0.2;
/** Samples beyond `reach` from which colours are asked: the colour models' blur sees no further. */
const asked = 6;

/**
 * Cuts the probability of cells at one half, drops specks and fills holes by their size, and leaves open what is near
 * an edge.
 * @param probability of cells
 */
export function knowledgeOf(probability: Float32Array, grids: Grids): Knowledge {
  const { cellsAcross: width, cellsDown: height, stride } = grids;
  const mask = new Uint8Array(probability.length);
  for (let i = 0; i < mask.length; i++) mask[i] = probability[i] > 0.5 ? 1 : 0;
  despeckle(mask, width, height);
  const toOutside = distancesTo(mask, 0, width, height);
  const toInside = distancesTo(mask, 1, width, height);
  const radius = reach * stride;
  const limit = radius + asked * stride;
  const state = new Uint8Array(mask.length);
  const inside = new Float32Array(mask.length);
  const outside = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    const isIn = mask[i] === 1;
    const distance = isIn ? toOutside[i] : toInside[i];
    const tells = isIn ? inside : outside;
    if (distance > radius) {
      state[i] = isIn ? known.inside : known.outside;
      tells[i] = distance <= limit ? 1 : 0;
    } else {
      state[i] = known.unknown;
      const own = isIn ? probability[i] : 1 - probability[i];
      tells[i] = own > sure && distance > 1 ? tellsLittle : 0;
    }
  }
  const isOpen = aroundUnknown(state, grids);
  return { state, isOpen, inside: orElse(inside, mask, 1), outside: orElse(outside, mask, 0) };
}

/** Blocks that the guided filter (1), the mean of its lines (1) and the interpolation between these (1) reach. */
const spill = 3;

function aroundUnknown(
  state: Uint8Array,
  { cell, cellsAcross: width, cellsDown: height }: Grids,
): Uint8Array {
  const margin = Math.ceil(spill / cell);
  const out = new Uint8Array(state.length);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (state[i] !== known.unknown) continue;
      const bottom = Math.min(height - 1, y + margin);
      const left = Math.max(0, x - margin);
      const right = Math.min(width, x + margin + 1);
      for (let v = Math.max(0, y - margin); v <= bottom; v++)
        out.fill(1, v * width + left, v * width + right);
    }
  return out;
}

/** Goes through the blocks of open cells, row by row. */
export function openRuns(
  { isOpen }: Knowledge,
  { width, height, cell, cellsAcross }: Grids,
  visit: (y: number, from: number, end: number) => void,
): void {
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cell) * cellsAcross;
    for (let column = 0; column < cellsAcross; column++) {
      if (isOpen[row + column]) visit(y, column * cell, Math.min(width, (column + 1) * cell));
    }
  }
}

/** Where no cell tells anything, as in the smallest of masks, all of a side do. */
function orElse(weights: Float32Array, mask: Uint8Array, side: 0 | 1): Float32Array {
  return weights.some((weight) => weight > 0)
    ? weights
    : Float32Array.from(mask, (m) => (m === side ? 1 : 0));
}

/** Turns areas around that are small beside the largest area inside. */
function despeckle(mask: Uint8Array, width: number, height: number): void {
  const { of, id, pixels } = areasOf({ width, height, data: mask });
  let largest = 0;
  for (let area = 0; area < id.length; area++) if (id[area] === 1) largest = Math.max(largest, pixels[area]);
  for (let i = 0; i < mask.length; i++) if (pixels[of[i]] < largest * speckShare) mask[i] = 1 - id[of[i]];
}
