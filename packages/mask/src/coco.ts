import { type Areas, areasOf } from './areas.ts';
import { type NamedClass, type ObjectOptions, objectClasses } from './classes.ts';
import { areaPolygons, type OutlineOptions, type Polygon, type Ring } from './contours.ts';
import type { LabelMap } from './label_map.ts';
import { type CocoRle, regionRles } from './rle.ts';

/** Left, top, width and height. */
export type CocoBox = readonly [left: number, top: number, width: number, height: number];

export interface CocoAnnotation {
  /** From 1. */
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  /** 0: what `pycocotools` takes for an object. 1 would leave it out of scores, whatever its segmentation. */
  readonly iscrowd: 0;
  /** In pixels. */
  readonly area: number;
  readonly bbox: CocoBox;
  /** RLE, or one polygon: x and y in turn. */
  readonly segmentation: CocoRle | readonly (readonly number[])[];
}

/** A COCO file (cocodataset.org, "Data format", object detection). */
export interface CocoFile {
  /** Ids from 1. */
  readonly images: { id: number; file_name: string; width: number; height: number }[];
  /** Ids from 1: class ids, or one more where a category is class 0. */
  readonly categories: { id: number; name: string }[];
  readonly annotations: CocoAnnotation[];
}

export interface CocoOptions extends ObjectOptions, OutlineOptions {
  /** An annotation for every connected area, or one for every class of a picture. @default 'instances' */
  readonly objects?: 'instances' | 'classes';
  /**
   * Connected areas without holes as polygons; those with holes stay RLE, since COCO's polygons have none.
   * `tolerance` and `smooth` are those of the polygons. @default false: all are RLE
   */
  readonly polygons?: boolean;
}

/** A COCO file to which pictures are added. */
export interface CocoDataset {
  readonly file: CocoFile;
  readonly options: CocoOptions;
  /** The category of each class that is an object. */
  readonly categoryOf: ReadonlyMap<number, number>;
}

/**
 * A COCO file without pictures. Its categories are the classes, without the background: ids are class ids where no
 * category is class 0, class ids + 1 otherwise.
 */
export function cocoDataset(classes: readonly NamedClass[], options: CocoOptions = {}): CocoDataset {
  const objects = objectClasses(classes, options);
  const offset = objects.some(({ id }) => id === 0) ? 1 : 0;
  return {
    file: {
      images: [],
      categories: objects.map(({ id, name }) => ({ id: id + offset, name })),
      annotations: [],
    },
    options,
    categoryOf: new Map(objects.map(({ id }) => [id, id + offset])),
  };
}

/**
 * Adds a picture and an annotation for each of its objects: areas in reading order, classes in theirs.
 *
 * pycocotools' COCOeval looks at the 100 best detections of a category in a picture: where there are more areas, set
 * `minArea`, use `objects: 'classes'`, or raise its `params.maxDets`.
 * @throws AtrousError `input` for options that are out of range
 */
export function addToCoco(
  { file, options, categoryOf }: CocoDataset,
  labels: LabelMap,
  fileName: string,
): void {
  const { width, height } = labels;
  const image = file.images.length + 1;
  const areas = areasOf(labels);
  const objects = objectsOf(areas, categoryOf, options);
  const polygons = options.polygons ? areaPolygons(areas, options) : [];
  const shapes = objects.map((object) => polygonShape(object.areas.map((area) => polygons[area])));
  const rles = objectRles(areas, objects);
  file.images.push({ id: image, file_name: fileName, width, height });
  objects.forEach((object, i) => {
    file.annotations.push({
      id: file.annotations.length + 1,
      image_id: image,
      category_id: object.category,
      iscrowd: 0,
      ...(shapes[i] ?? { ...measuresOf(areas, object), segmentation: rles[i] }),
    });
  });
}

/** Label map as a COCO file of one picture. @throws AtrousError `input` for options that are out of range */
export function toCoco(
  labels: LabelMap,
  classes: readonly NamedClass[],
  fileName: string,
  options?: CocoOptions,
): CocoFile {
  const dataset = cocoDataset(classes, options);
  addToCoco(dataset, labels, fileName);
  return dataset.file;
}

/** The file as JSON, in pieces: a record per line, and no text as long as all pictures together. */
export function* cocoJson({ file }: CocoDataset): Generator<string> {
  const keys = ['images', 'categories', 'annotations'] as const;
  for (const [k, key] of keys.entries()) {
    yield `${k === 0 ? '{' : ','}"${key}":[`;
    for (const [i, record] of file[key].entries()) yield `${i === 0 ? '' : ','}\n${JSON.stringify(record)}`;
    yield ']';
  }
  yield '}\n';
}

interface CocoObject {
  readonly category: number;
  readonly areas: number[];
}

/** What becomes an annotation: areas by themselves, or those of a class together. */
function objectsOf(
  areas: Areas,
  categoryOf: ReadonlyMap<number, number>,
  { objects = 'instances', minArea = 1 }: CocoOptions,
): CocoObject[] {
  const instances: CocoObject[] = [];
  const classes = new Map([...categoryOf].map(([id, category]) => [id, { category, areas: [] as number[] }]));
  for (let area = 0; area < areas.count; area++) {
    const own = classes.get(areas.id[area]);
    if (!own || areas.pixels[area] < minArea) continue;
    own.areas.push(area);
    instances.push({ category: own.category, areas: [area] });
  }
  return objects === 'instances' ? instances : [...classes.values()].filter((own) => own.areas.length > 0);
}

function objectRles(areas: Areas, objects: readonly CocoObject[]): CocoRle[] {
  const { width, height } = areas;
  const objectOf = new Int32Array(areas.count).fill(objects.length); // the last region: what is no object
  objects.forEach((object, i) => {
    for (const area of object.areas) objectOf[area] = i;
  });
  const of = areas.of.map((area) => objectOf[area]);
  return regionRles({ width, height, of, count: objects.length + 1 });
}

function measuresOf({ pixels, boxes }: Areas, object: CocoObject): { area: number; bbox: CocoBox } {
  const edges = object.areas.map((area) => boxes.subarray(area * 4, area * 4 + 4));
  const least = (side: number) =>
    edges.reduce((min, box) => Math.min(min, box[side]), Number.POSITIVE_INFINITY);
  const most = (side: number) => edges.reduce((max, box) => Math.max(max, box[side]), 0);
  const [left, top] = [least(0), least(1)];
  return {
    area: object.areas.reduce((sum, area) => sum + pixels[area], 0),
    bbox: [left, top, most(2) - left, most(3) - top],
  };
}

/** Polygons with their own area and box; undefined where one has a hole. */
function polygonShape(polygons: readonly (Polygon | undefined)[]) {
  const rings = polygons.flatMap((polygon): Ring[] => (polygon?.holes.length === 0 ? [polygon.outer] : []));
  if (rings.length < polygons.length) return undefined;
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  let area = 0;
  for (const ring of rings) {
    let before = ring[ring.length - 1];
    for (const point of ring) {
      const [x, y] = point;
      area += (before[0] * y - x * before[1]) / 2;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
      before = point;
    }
  }
  const bbox: CocoBox = [left, top, right - left, bottom - top];
  return { area, bbox, segmentation: rings.map((ring) => ring.flat()) };
}
