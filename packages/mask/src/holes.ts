import { arcsOf } from './arcs.ts';
import { type Areas, areasOf } from './areas.ts';
import type { LabelMap } from './label_map.ts';
import { ringsOf } from './rings.ts';

/** Areas cut into pieces without holes, for formats whose polygons have none. */
export interface Pieces {
  readonly pieces: Areas;
  /** The area that each piece is of. */
  readonly whole: Int32Array;
}

/**
 * Cuts areas along columns, up from the top of every hole and down from its bottom to the next border, so that every
 * piece is bounded by one ring. (Two cuts per hole, not one: a piece would lie on both sides of a single cut.)
 */
export function withoutHoles(labels: LabelMap, areas: Areas): Pieces {
  const arcs = arcsOf(areas);
  const rings = ringsOf(arcs);
  const cuts = new Uint8Array(labels.data.length);
  for (let ring = 0; ring < rings.count; ring++) {
    if (rings.size[ring] > 0) continue;
    let [topX, topY, bottomX, bottomY] = [0, Number.POSITIVE_INFINITY, 0, -1];
    for (let k = rings.begin[ring]; k < rings.begin[ring + 1]; k++) {
      const arc = rings.halves[k] >> 1;
      for (let i = arcs.begin[arc]; i < arcs.begin[arc + 1]; i++) {
        const [x, y] = [arcs.x[i], arcs.y[i]];
        if (y < topY || (y === topY && x < topX)) [topX, topY] = [x, y];
        if (y > bottomY || (y === bottomY && x > bottomX)) [bottomX, bottomY] = [x, y];
      }
    }
    cut(cuts, areas, rings.area[ring], topX, topY - 1, -1);
    cut(cuts, areas, rings.area[ring], bottomX, bottomY, 1);
  }
  const pieces = areasOf(labels, cuts);
  return { pieces, whole: pieces.first.map((pixel) => areas.of[pixel]) };
}

/** Cuts an area at the left of column x, row after row, as long as both sides are of it. */
function cut(
  cuts: Uint8Array,
  { of, width, height }: Areas,
  area: number,
  x: number,
  from: number,
  step: number,
): void {
  for (let y = from; y >= 0 && y < height; y += step) {
    const pixel = y * width + x;
    if (of[pixel] !== area || of[pixel - 1] !== area) return;
    cuts[pixel] = 1;
  }
}
