import type { NamedClass } from './classes.ts';
import type { Point } from './contours.ts';
import type { LabelMap } from './label_map.ts';
import { type SimplePolygonOptions, simplePolygons } from './simple_polygons.ts';

/** A file of LabelMe (github.com/wkentaro/labelme), as version 5 reads and writes it. */
export interface LabelMeFile {
  readonly version: string;
  readonly flags: Readonly<Record<string, boolean>>;
  readonly shapes: readonly {
    readonly label: string;
    readonly points: readonly Point[];
    /** The same number for pieces of one area; null for an area in one piece. */
    readonly group_id: number | null;
    readonly description: string;
    readonly shape_type: 'polygon';
    readonly flags: Readonly<Record<string, boolean>>;
    readonly mask: null;
  }[];
  readonly imagePath: string;
  readonly imageData: null;
  readonly imageHeight: number;
  readonly imageWidth: number;
}

/**
 * Label map as a LabelMe file: a polygon for every connected area of a class that is no background. LabelMe's polygons
 * have no holes: an area with holes is cut above and below each of them, into pieces of one `group_id`.
 * @param imagePath the picture, relative to the folder of the file
 * @throws AtrousError `input` for options that are out of range
 */
export function toLabelMe(
  labels: LabelMap,
  classes: readonly NamedClass[],
  imagePath: string,
  options: SimplePolygonOptions = {},
): LabelMeFile {
  return {
    version: '5.5.0',
    flags: {},
    shapes: simplePolygons(labels, classes, options).map(({ label, points, group }) => ({
      label,
      points,
      group_id: group,
      description: '',
      shape_type: 'polygon',
      flags: {},
      mask: null,
    })),
    imagePath,
    imageData: null,
    imageHeight: labels.height,
    imageWidth: labels.width,
  };
}
