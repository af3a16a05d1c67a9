import { type Areas, areasOf } from './areas.ts';
import { type NamedClass, type ObjectOptions, objectClasses } from './classes.ts';
import type { OutlineOptions } from './contours.ts';
import type { LabelMap } from './label_map.ts';
import { type Runs, runsOf } from './runs.ts';
import { simplePolygons } from './simple_polygons.ts';
import { escapeXml } from './xml.ts';

export interface CvatOptions extends ObjectOptions, OutlineOptions {
  /**
   * How areas are written. Polygons have no holes there: an area with holes is cut above and below each of them, into
   * pieces of one `group_id`; `tolerance` and `smooth` are those of polygons. @default 'masks'
   */
  readonly shapes?: 'masks' | 'polygons';
}

/** An XML file of CVAT, "CVAT for images 1.1", to which pictures are added. */
export interface CvatDataset {
  readonly classes: readonly NamedClass[];
  readonly options: CvatOptions;
  /** The `image` element of each picture. */
  readonly images: string[];
}

/** A file without pictures. Its labels are the classes, without the background. */
export function cvatDataset(classes: readonly NamedClass[], options: CvatOptions = {}): CvatDataset {
  return { classes: objectClasses(classes, options), options, images: [] };
}

/**
 * Adds a picture, with a shape for every connected area.
 * @param fileName as CVAT lists it among the task's pictures: the path below their folder
 * @throws AtrousError `input` for options that are out of range
 */
export function addToCvat(
  { classes, options, images }: CvatDataset,
  labels: LabelMap,
  fileName: string,
): void {
  const shapes =
    options.shapes === 'polygons' ? polygonsOf(labels, classes, options) : masksOf(labels, classes, options);
  const { width, height } = labels;
  images.push(
    [
      `  <image id="${images.length}" name="${escapeXml(fileName)}" width="${width}" height="${height}">\n`,
      ...shapes.map((shape) => `    ${shape}\n`),
      '  </image>\n',
    ].join(''),
  );
}

/** The file in pieces, a picture each: no text is as long as all of them together. */
export function* cvatXml({ classes, images }: CvatDataset): Generator<string> {
  yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n';
  yield `      <size>${images.length}</size>\n      <mode>annotation</mode>\n      <labels>\n`;
  for (const { name, color } of classes) {
    yield `        <label>\n          <name>${escapeXml(name)}</name>\n          <color>${escapeXml(color)}</color>\n`;
    yield '          <type>any</type>\n          <attributes></attributes>\n        </label>\n';
  }
  yield '      </labels>\n    </task>\n  </meta>\n';
  yield* images;
  yield '</annotations>\n';
}

function polygonsOf(labels: LabelMap, classes: readonly NamedClass[], options: CvatOptions): string[] {
  return simplePolygons(labels, classes, { ...options, background: [] }).map(({ label, points, group }) => {
    const groupId = group === null ? '' : ` group_id="${group}"`;
    const corners = points.map(([x, y]) => `${x},${y}`).join(';');
    return `<polygon label="${escapeXml(label)}" source="auto" occluded="0" points="${corners}" z_order="0"${groupId}></polygon>`;
  });
}

function masksOf(labels: LabelMap, classes: readonly NamedClass[], { minArea = 1 }: CvatOptions): string[] {
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  const areas = areasOf(labels);
  const runs = runsOf(areas, 'rows');
  return Array.from({ length: areas.count }, (_, area) => {
    const name = names.get(areas.id[area]);
    if (name === undefined || areas.pixels[area] < minArea) return [];
    const [left, top, right, bottom] = areas.boxes.subarray(area * 4, area * 4 + 4);
    const box = `left="${left}" top="${top}" width="${right - left}" height="${bottom - top}"`;
    return [
      `<mask label="${escapeXml(name)}" source="auto" occluded="0" rle="${boxRuns(areas, runs, area).join(', ')}" ${box} z_order="0"></mask>`,
    ];
  }).flat();
}

/** Lengths of runs outside and inside in turn, outside first, along the rows of the area's box. */
function boxRuns({ width, boxes }: Areas, { begin, start, length }: Runs, area: number): number[] {
  const [left, top, right, bottom] = boxes.subarray(area * 4, area * 4 + 4);
  const columns = right - left;
  const lengths: number[] = [];
  let position = 0;
  for (let i = begin[area]; i < begin[area + 1]; i++) {
    const row = Math.floor(start[i] / width) - top;
    const at = row * columns + (start[i] % width) - left;
    const follows = at === position && lengths.length > 0; // a row that goes to the right edge, and on at the left
    if (follows) lengths[lengths.length - 1] += length[i];
    else lengths.push(at - position, length[i]);
    position = at + length[i];
  }
  const rest = columns * (bottom - top) - position;
  return rest > 0 ? [...lengths, rest] : lengths;
}
