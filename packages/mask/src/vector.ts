import { type ContourOptions, contours, type Ring } from './contours.ts';
import type { LabelMap } from './label_map.ts';

/** What a class is called and drawn with. */
export interface NamedClass {
  readonly id: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
}

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

const occurring = ({ data }: LabelMap, classes: readonly NamedClass[]): NamedClass[] => {
  const there = new Set(data);
  return classes.filter(({ id }) => there.has(id));
};

/** Label map as GeoJSON (RFC 7946: rings closed), in pixels instead of degrees. */
export function toGeoJson(
  labels: LabelMap,
  classes: readonly NamedClass[],
  options?: ContourOptions,
): MaskFeatures {
  const closed = (ring: Ring) => [...ring, ring[0]];
  return {
    type: 'FeatureCollection',
    features: occurring(labels, classes).map(({ id, name, color }) => ({
      type: 'Feature',
      properties: { id, name, color },
      geometry: {
        type: 'MultiPolygon',
        coordinates: contours(labels, id, options).map(({ outer, holes }) => [outer, ...holes].map(closed)),
      },
    })),
  };
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeText = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character]);

/** Label map as an SVG drawing of its own size: a path per class, holes cut out, the class's name as its title. */
export function toSvg(labels: LabelMap, classes: readonly NamedClass[], options?: ContourOptions): string {
  const path = (ring: Ring) => `M${ring.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
  const { width, height } = labels;
  const paths = occurring(labels, classes).map(({ id, name, color }) => {
    const d = contours(labels, id, options)
      .flatMap(({ outer, holes }) => [outer, ...holes])
      .map(path)
      .join('');
    return `<path fill="${escapeText(color)}" fill-rule="evenodd" d="${d}"><title>${escapeText(name)}</title></path>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...paths,
    '</svg>\n',
  ].join('\n');
}
