import { AtrousError } from '@atrous/tensor';
import { type Arcs, arcsOf } from './arcs.ts';
import { type Areas, areasOf } from './areas.ts';
import type { LabelMap } from './label_map.ts';
import { type Rings, ringsOf } from './rings.ts';
import { simplify } from './simplify.ts';
import { smooth } from './smooth.ts';

/** A corner of pixels: (0, 0) is the picture's top left corner, (width, height) its bottom right one. */
export type Point = readonly [x: number, y: number];

/** A closed line without its first point again, that does not touch itself. */
export type Ring = readonly Point[];

/**
 * One connected area: its outer border, clockwise as seen, and its holes, counterclockwise. Valid as of the OGC's simple
 * features: rings touch each other at single points at most, and what is inside is connected.
 */
export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/** How borders are drawn, in pixels. */
export interface OutlineOptions {
  /** Leave out points that are nearer than this to the line that replaces them. @default 0: exact */
  readonly tolerance?: number;
  /** How often all corners are cut (Chaikin), 0 to 5: each doubles the points. @default 0 */
  readonly smooth?: number;
}

export interface ContourOptions extends OutlineOptions {
  /**
   * Leave out areas and holes of fewer pixels. An area that is left out leaves a gap, unless a single other area is all
   * around it: that covers it. @default 1
   */
  readonly minArea?: number;
}

/**
 * The borders of a class as polygons with holes, along the edges of pixels: filling them gives the same pixels again.
 * Pixels that touch at a corner alone are polygons of their own.
 * @throws AtrousError `input` for options that are out of range
 */
export function contours(labels: LabelMap, id: number, options: ContourOptions = {}): Polygon[] {
  return classContours(labels, options).get(id) ?? [];
}

/**
 * The polygons of every class that occurs. Neighbours share their borders, simplified and smoothed too: no gap and no
 * overlap, together they are the picture.
 * @throws AtrousError `input` for options that are out of range
 */
export function classContours(labels: LabelMap, options: ContourOptions = {}): Map<number, Polygon[]> {
  const { minArea = 1 } = options;
  const areas = areasOf(labels);
  const classes = new Map<number, Polygon[]>();
  areaPolygons(areas, options).forEach((polygon, area) => {
    if (areas.pixels[area] < minArea) return;
    const polygons = classes.get(areas.id[area]);
    if (polygons) polygons.push(polygon);
    else classes.set(areas.id[area], [polygon]);
  });
  return classes;
}

/** The polygon of every area. @throws AtrousError `input` for options that are out of range */
export function areaPolygons(areas: Areas, options: ContourOptions = {}): Polygon[] {
  const { tolerance = 0, minArea = 1, smooth: rounds = 0 } = options;
  expectNumber(
    'tolerance',
    tolerance,
    tolerance >= 0 && tolerance < Number.POSITIVE_INFINITY,
    'pixels, 0 or more',
  );
  expectNumber('minArea', minArea, minArea >= 0, 'pixels, 0 or more');
  expectNumber(
    'smooth',
    rounds,
    Number.isInteger(rounds) && rounds >= 0 && rounds <= 4,
    'a whole number, 0 to 5',
  );
  const exact = arcsOf(areas);
  const rings = ringsOf(exact);
  const simple = tolerance > 0 ? simplify(exact, areas, tolerance) : exact;
  const arcs = rounds > 0 ? smooth(simple, areas, rounds) : simple;
  const polygons: { outer: Ring; holes: Ring[] }[] = Array.from({ length: areas.count }, () => ({
    outer: [],
    holes: [],
  }));
  for (let ring = 0; ring < rings.count; ring++) {
    const polygon = polygons[rings.area[ring]];
    if (rings.size[ring] > 0) polygon.outer = pointsOf(arcs, rings, ring, arcs === exact);
    else if (-rings.size[ring] >= minArea) polygon.holes.push(pointsOf(arcs, rings, ring, arcs === exact));
  }
  return polygons;
}

function expectNumber(name: string, value: number, isRight: boolean, expected: string): void {
  if (!isRight) throw new AtrousError('input', `${name} ${value}: expected ${expected}`);
}

/**
 * The points of a ring. Exact ones only where the ring turns; otherwise junctions on straight lines too, so that the
 * neighbours' rings have the same points and stay together under any transformation.
 */
function pointsOf({ x, y, begin }: Arcs, rings: Rings, ring: number, onlyTurns: boolean): Point[] {
  const points: Point[] = [];
  for (let k = rings.begin[ring]; k < rings.begin[ring + 1]; k++) {
    const half = rings.halves[k];
    const [first, last] = [begin[half >> 1], begin[(half >> 1) + 1] - 1];
    if (half & 1) for (let i = last; i > first; i--) points.push([x[i], y[i]]);
    else for (let i = first; i < last; i++) points.push([x[i], y[i]]);
  }
  if (!onlyTurns) return points;
  return points.filter((point, i) => {
    const [before, after] = [points.at(i - 1)!, points[(i + 1) % points.length]];
    return (before[0] === point[0]) !== (point[0] === after[0]);
  });
}
