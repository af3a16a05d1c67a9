import { areasOf } from './areas.ts';
import { type NamedClass, type ObjectOptions, objectClasses } from './classes.ts';
import { areaPolygons, type OutlineOptions, type Point } from './contours.ts';
import { withoutHoles } from './holes.ts';
import type { LabelMap } from './label_map.ts';

/** Which areas become polygons, and how their borders are drawn. */
export interface SimplePolygonOptions extends ObjectOptions, OutlineOptions {}

/** A polygon without holes: an area, or a piece of one. */
export interface SimplePolygon {
  readonly label: string;
  readonly points: readonly Point[];
  /** The number of the area that it is a piece of, from 1; null when it is the whole. */
  readonly group: number | null;
}

/** The areas of all objects as polygons without holes. @throws AtrousError `input` for options that are out of range */
export function simplePolygons(
  labels: LabelMap,
  classes: readonly NamedClass[],
  { tolerance, smooth, ...options }: SimplePolygonOptions,
): SimplePolygon[] {
  const { minArea = 1 } = options;
  const names = new Map(objectClasses(classes, options).map(({ id, name }) => [id, name]));
  const areas = areasOf(labels);
  const { pieces, whole } = withoutHoles(labels, areas);
  const counts = new Int32Array(areas.count);
  for (const area of whole) counts[area]++;
  const groups = new Map<number, number>();
  return areaPolygons(pieces, { tolerance, smooth }).flatMap(({ outer }, piece): SimplePolygon[] => {
    const area = whole[piece];
    const label = names.get(areas.id[area]);
    if (label === undefined || areas.pixels[area] < minArea) return [];
    if (counts[area] > 1 && !groups.has(area)) groups.set(area, groups.size + 1);
    return [{ label, points: outer, group: groups.get(area) ?? null }];
  });
}
