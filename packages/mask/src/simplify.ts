import type { Arcs } from './arcs.ts';
import { type PointGrid, pointGrid } from './point_grid.ts';

/**
 * Arcs with fewer points, none of them new. Douglas and Peucker's rule says which points are not needed: those nearer
 * than `tolerance` to the line that replaces them. They go one after the other, and only where the triangle of a point
 * and its two neighbours has no other point in or on it: then no line crosses or touches another, and nothing changes
 * sides. Where borders are too close for that, points stay.
 */
export function simplify(arcs: Arcs, size: { width: number; height: number }, tolerance: number): Arcs {
  const { count, x, y, begin } = arcs;
  const isKept = importantPoints(arcs, tolerance);
  const grid = gridOf(arcs, size);
  const previous = Int32Array.from(x, (_, i) => i - 1);
  const next = Int32Array.from(x, (_, i) => i + 1);
  const left = Int32Array.from({ length: count }, (_, arc) => begin[arc + 1] - begin[arc]);
  const mayGo = (arc: number, i: number) => {
    const [before, after] = [previous[i], next[i]];
    return (
      !wouldCollapse(arcs, left, arc) &&
      grid.isEmptyTriangle(x[before], y[before], x[i], y[i], x[after], y[after])
    );
  };
  /** Takes out what may go, no two neighbours at once: lines stay about equally long, so that triangles stay small. */
  const sweep = (arc: number) => {
    const last = begin[arc + 1] - 1;
    let gone = 0;
    for (let i = next[begin[arc]]; i < last; i = next[i]) {
      if (isKept[i] || !mayGo(arc, i)) continue;
      grid.remove(i);
      next[previous[i]] = next[i];
      previous[next[i]] = previous[i];
      left[arc]--;
      gone++;
      i = next[i];
    }
    return gone;
  };
  const needed = new Int32Array(count);
  for (let arc = 0; arc < count; arc++)
    for (let i = begin[arc]; i < begin[arc + 1]; i++) needed[arc] += isKept[i];
  for (let gone = 1; gone > 0; ) {
    gone = 0;
    for (let arc = 0; arc < count; arc++) if (left[arc] > needed[arc]) gone += sweep(arc);
  }
  return compact(arcs, next, left);
}

/** All points of the arcs, each node once. */
function gridOf(
  { count, x, y, begin, node, isFree }: Arcs,
  size: { width: number; height: number },
): PointGrid {
  const grid = pointGrid(size, x, y, x.length);
  const isAdded = new Uint8Array(isFree.length);
  const addNode = (half: number, point: number) => {
    if (!isAdded[node[half]]) grid.add(point);
    isAdded[node[half]] = 1;
  };
  for (let arc = 0; arc < count; arc++) {
    const last = begin[arc + 1] - 1;
    addNode(2 * arc, begin[arc]);
    addNode(2 * arc + 1, last);
    for (let i = begin[arc] + 1; i < last; i++) grid.add(i);
  }
  return grid;
}

/** Whether an arc with a point less would enclose nothing: a closed one of two points, or one that lies on another. */
function wouldCollapse({ node, leaving }: Arcs, left: Int32Array, arc: number): boolean {
  const [from, to] = [node[2 * arc], node[2 * arc + 1]];
  if (from === to) return left[arc] <= 4;
  if (left[arc] > 3) return false;
  for (let slot = from * 4; slot < from * 4 + 4; slot++) {
    const half = leaving[slot];
    if (half >= 0 && half >> 1 !== arc && node[half ^ 1] === to && left[half >> 1] === 2) return true;
  }
  return false;
}

/** 1 for the points that Douglas and Peucker's rule keeps; a closed arc is first cut at the point farthest from its first. */
function importantPoints({ count, x, y, begin }: Arcs, tolerance: number): Uint8Array {
  const isKept = new Uint8Array(x.length);
  /** The point farthest from a line, if any is farther than `limit`. */
  const farthest = (from: number, to: number, limit: number) => {
    let found = -1;
    let most = limit * limit;
    for (let i = from + 1; i < to; i++) {
      const away = squaredDistance(x[i], y[i], x[from], y[from], x[to], y[to]);
      if (away <= most) continue;
      found = i;
      most = away;
    }
    return found;
  };
  const spans: number[] = [];
  for (let arc = 0; arc < count; arc++) {
    const [first, last] = [begin[arc], begin[arc + 1] - 1];
    const isClosed = x[first] === x[last] && y[first] === y[last];
    const middle = isClosed ? farthest(first, last, 0) : first;
    isKept[first] = 1;
    isKept[middle] = 1;
    isKept[last] = 1;
    if (isClosed) spans.push(first, middle);
    spans.push(middle, last);
    while (spans.length > 0) {
      const to = spans.pop()!;
      const from = spans.pop()!;
      const found = farthest(from, to, tolerance);
      if (found < 0) continue;
      isKept[found] = 1;
      spans.push(from, found, found, to);
    }
  }
  return isKept;
}

/** From a point to a line from a to b, not beyond its ends. */
function squaredDistance(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * dx + (py - ay) * dy) / length));
  return (ax + along * dx - px) ** 2 + (ay + along * dy - py) ** 2;
}

function compact(arcs: Arcs, next: Int32Array, left: Int32Array): Arcs {
  const begin = new Int32Array(arcs.count + 1);
  for (let arc = 0; arc < arcs.count; arc++) begin[arc + 1] = begin[arc] + left[arc];
  const x = new Float64Array(begin[arcs.count]);
  const y = new Float64Array(begin[arcs.count]);
  for (let arc = 0; arc < arcs.count; arc++) {
    for (let to = begin[arc], from = arcs.begin[arc]; to < begin[arc + 1]; to++, from = next[from]) {
      x[to] = arcs.x[from];
      y[to] = arcs.y[from];
    }
  }
  return { ...arcs, x, y, begin };
}
