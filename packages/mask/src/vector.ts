import type { NamedClass } from './classes.ts';
import { type ContourOptions, classContours, type Polygon, type Ring } from './contours.ts';
import type { LabelMap } from './label_map.ts';
import { escapeXml } from './xml.ts';

/** A GeoJSON feature per class that occurs: its areas in pixels from the top left corner, y pointing down. */
export interface MaskFeatures {
  readonly type: 'FeatureCollection';
  readonly features: readonly {
    readonly type: 'Feature';
    readonly properties: NamedClass;
    readonly geometry: {
      readonly type: 'MultiPolygon';
      readonly coordinates: readonly (readonly (readonly [x: number, y: number])[])[][];
    };
  }[];
}

/** The classes that have polygons, with them. */
function drawn(labels: LabelMap, classes: readonly NamedClass[], options?: ContourOptions) {
  const polygons = classContours(labels, options);
  return classes.flatMap((named): { named: NamedClass; polygons: readonly Polygon[] }[] => {
    const own = polygons.get(named.id);
    return own ? [{ named, polygons: own }] : [];
  });
}

/**
 * Label map as GeoJSON (RFC 7946: rings closed), in pixels instead of degrees. Every polygon is valid, neighbours share
 * their borders.
 */
export function toGeoJson(
  labels: LabelMap,
  classes: readonly NamedClass[],
  options?: ContourOptions,
): MaskFeatures {
  const closed = (ring: Ring) => [...ring, ring[0]];
  return {
    type: 'FeatureCollection',
    features: drawn(labels, classes, options).map(({ named: { id, name, color }, polygons }) => ({
      type: 'Feature',
      properties: { id, name, color },
      geometry: {
        type: 'MultiPolygon',
        coordinates: polygons.map(({ outer, holes }) => [outer, ...holes].map(closed)),
      },
    })),
  };
}

/** Label map as an SVG drawing of its own size: a path per class, holes cut out, the class's name as its title. */
export function toSvg(labels: LabelMap, classes: readonly NamedClass[], options?: ContourOptions): string {
  const path = (ring: Ring) => `M${ring.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
  const { width, height } = labels;
  const paths = drawn(labels, classes, options).map(({ named: { name, color }, polygons }) => {
    const d = polygons.flatMap(({ outer, holes }) => [outer, ...holes].map(path)).join('');
    return `<path fill="${escapeXml(color)}" fill-rule="evenodd" d="${d}"><title>${escapeXml(name)}</title></path>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...paths,
    '</svg>\n',
  ].join('\n');
}
