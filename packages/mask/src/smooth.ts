import type { Arcs } from './arcs.ts';
import { pointGrid } from './point_grid.ts';

/**
 * Arcs with their corners cut, as Chaikin did: each corner becomes two points, a quarter along its two lines. Junctions
 * and the picture's corners stay. A corner is cut only where its triangle has no other point in or on it, so that no
 * line crosses or touches another.
 */
export function smooth(arcs: Arcs, size: { width: number; height: number }, rounds: number): Arcs {
  let smoothed = arcs;
  for (let round = 0; round < rounds; round++) smoothed = cutCorners(smoothed, size);
  return smoothed;
}

function cutCorners(arcs: Arcs, size: { width: number; height: number }): Arcs {
  const { count, begin, node, isFree } = arcs;
  const points = arcs.x.length;
  // The points as they were, then two new ones for each.
  const x = new Float64Array(points * 3);
  const y = new Float64Array(points * 3);
  x.set(arcs.x);
  y.set(arcs.y);
  const grid = pointGrid(size, x, y, points * 2);
  for (let i = 0; i < points; i++) grid.add(i); // a node more than once, which changes nothing
  const isCut = new Uint8Array(points);
  const cut = (i: number, before: number, after: number) => {
    const [toward, away] = [points + 2 * i, points + 2 * i + 1];
    x[toward] = x[i] + (x[before] - x[i]) / 4;
    y[toward] = y[i] + (y[before] - y[i]) / 4;
    x[away] = x[i] + (x[after] - x[i]) / 4;
    y[away] = y[i] + (y[after] - y[i]) / 4;
    if (!grid.isEmptyTriangle(x[toward], y[toward], x[i], y[i], x[away], y[away])) return;
    isCut[i] = 1;
    grid.remove(i);
    grid.add(toward);
    grid.add(away);
  };
  const out = { x: new Float64Array(points * 2), y: new Float64Array(points * 2) };
  const outBegin = new Int32Array(count + 1);
  let length = 0;
  const put = (i: number) => {
    out.x[length] = x[i];
    out.y[length] = y[i];
    length++;
  };
  for (let arc = 0; arc < count; arc++) {
    const [first, last] = [begin[arc], begin[arc + 1] - 1];
    for (let i = first + 1; i < last; i++) cut(i, i - 1, i + 1);
    if (isFree[node[2 * arc]]) {
      grid.remove(last); // the first point again
      cut(first, last - 1, first + 1);
    }
    put(isCut[first] ? points + 2 * first + 1 : first);
    for (let i = first + 1; i < last; i++) {
      if (isCut[i]) {
        put(points + 2 * i);
        put(points + 2 * i + 1);
      } else put(i);
    }
    if (isCut[first]) {
      put(points + 2 * first);
      put(points + 2 * first + 1);
    } else put(last);
    outBegin[arc + 1] = length;
  }
  return { ...arcs, x: out.x.slice(0, length), y: out.y.slice(0, length), begin: outBegin };
}
