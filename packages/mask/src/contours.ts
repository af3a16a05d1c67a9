import type { LabelMap } from './label_map.ts';

/** A corner of pixels: (0, 0) is the picture's top left corner, (width, height) its bottom right one. */
export type Point = readonly [x: number, y: number];

/** A closed line without its first point again. */
export type Ring = readonly Point[];

/** One connected area: its outer border, clockwise as seen, and its holes, counterclockwise. */
export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

export interface ContourOptions {
  /** Leave out points that are nearer than this to the line between their neighbours, in pixels. @default 0: exact */
  readonly tolerance?: number;
  /** Leave out areas and holes of fewer pixels. @default 1 */
  readonly minArea?: number;
}

// Directions of a step along pixel borders: right, down, left, up.
const steps: readonly Point[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];
/** The pixel to the right of a step, relative to where it begins. */
const inside: readonly Point[] = [
  [0, 0],
  [-1, 0],
  [-1, -1],
  [0, -1],
];

/**
 * The borders of a class as polygons with holes, along the edges of pixels: filling them gives the same pixels again.
 * Pixels that touch at a corner alone are areas of their own.
 */
export function contours(labels: LabelMap, id: number, options: ContourOptions = {}): Polygon[] {
  const { tolerance = 0, minArea = 1 } = options;
  const { areas, of } = connectedAreas(labels, id);
  const { height, width } = labels;
  const isInside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && labels.data[y * width + x] === id;
  const seen = new Uint8Array((width + 1) * (height + 1)); // steps to the right that have been walked
  const polygons: { outer?: Ring; holes: Ring[] }[] = Array.from({ length: areas }, () => ({ holes: [] }));
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x < width; x++) {
      // Every border has a step to the right with the class below it.
      if (seen[y * (width + 1) + x] || !isInside(x, y) || isInside(x, y - 1)) continue;
      const ring = walk([x, y], isInside, (at) => {
        seen[at[1] * (width + 1) + at[0]] = 1;
      });
      const area = signedArea(ring);
      if (Math.abs(area) < minArea) continue;
      const polygon = polygons[of[y * width + x]];
      const simple = tolerance > 0 ? simplify(ring, tolerance) : ring;
      if (area > 0) polygon.outer = simple;
      else polygon.holes.push(simple);
    }
  }
  return polygons.flatMap(({ outer, holes }) => (outer ? [{ outer, holes }] : []));
}

/** Follows a border with the class to the right until it closes; points only where it turns. */
function walk(
  start: Point,
  isInside: (x: number, y: number) => boolean,
  onRight: (from: Point) => void,
): Ring {
  const ring: Point[] = [];
  let [x, y] = start;
  let direction = 0;
  do {
    if (direction === 0) onRight([x, y]);
    x += steps[direction][0];
    y += steps[direction][1];
    // The sharpest turn to the right first: pixels that touch at a corner stay apart.
    const next = [direction + 1, direction, direction + 3].find((candidate) => {
      const turn = candidate % 4;
      const [right, left] = [inside[turn], inside[(turn + 3) % 4]];
      return isInside(x + right[0], y + right[1]) && !isInside(x + left[0], y + left[1]);
    });
    const turned = (next ?? direction + 2) % 4;
    if (turned !== direction) ring.push([x, y]);
    direction = turned;
  } while (x !== start[0] || y !== start[1] || direction !== 0);
  return ring;
}

/** Twice half the sum of cross products: positive where the class is inside, y pointing down. */
function signedArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[(i + 1) % ring.length]];
    sum += ax * by - bx * ay;
  }
  return sum / 2;
}

/** Areas whose pixels touch at sides, numbered in reading order. */
function connectedAreas({ height, width, data }: LabelMap, id: number): { areas: number; of: Int32Array } {
  const of = new Int32Array(height * width).fill(-1);
  const stack: number[] = [];
  let areas = 0;
  for (let first = 0; first < of.length; first++) {
    if (data[first] !== id || of[first] >= 0) continue;
    of[first] = areas;
    stack.push(first);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width;
      const neighbours = [x > 0 && at - 1, x < width - 1 && at + 1, at - width, at + width];
      for (const next of neighbours) {
        if (next === false || next < 0 || next >= of.length || data[next] !== id || of[next] >= 0) continue;
        of[next] = areas;
        stack.push(next);
      }
    }
    areas++;
  }
  return { areas, of };
}

/** Douglas and Peucker, on a ring: cut at its first point and the one farthest from that. */
function simplify(ring: Ring, tolerance: number): Ring {
  const distance = ([x, y]: Point, [u, v]: Point) => Math.hypot(x - u, y - v);
  let far = 0;
  ring.forEach((point, i) => {
    if (distance(point, ring[0]) > distance(ring[far], ring[0])) far = i;
  });
  const keep = new Uint8Array(ring.length + 1);
  const spans: [number, number][] = [
    [0, far],
    [far, ring.length],
  ];
  const at = (i: number) => ring[i % ring.length];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [begin, end] = span;
    keep[begin] = 1;
    keep[end] = 1;
    let farthest = begin;
    let largest = tolerance;
    for (let i = begin + 1; i < end; i++) {
      const away = distanceToLine(at(i), at(begin), at(end));
      if (away > largest) {
        farthest = i;
        largest = away;
      }
    }
    if (farthest > begin) spans.push([begin, farthest], [farthest, end]);
  }
  const simple = ring.filter((_, i) => keep[i]);
  return simple.length >= 3 ? simple : ring;
}

function distanceToLine([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = Math.hypot(bx - ax, by - ay);
  return length === 0
    ? Math.hypot(x - ax, y - ay)
    : Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length;
}
