import {
  addToCoco,
  addToCvat,
  cocoDataset,
  cocoJson,
  csvHeader,
  csvRows,
  cvatDataset,
  cvatXml,
  type LabelMap,
  type NamedClass,
  type Probability,
  paletteOf,
  toGeoJson,
  toLabelMe,
  toSvg,
} from '@atrous/mask';
import type { Pixels } from './pixels.ts';
import { cutOutPng, labelPng, overlayPng, type Pieces, softCutOutPng } from './png_pieces.ts';

/** How shapes are drawn and counted. */
export interface ShapeOptions {
  /** How far a simplified outline may be off, in pixels. @default 0 */
  readonly tolerance?: number;
  /** Rounds of corner cutting on outlines, 0 to 5. @default 0 */
  readonly smooth?: number;
  /** What is an object in COCO: each connected area, or a class of a picture. @default 'instances' */
  readonly objects?: 'instances' | 'classes';
  /** Objects of COCO and CVAT as polygons where they have no holes, masks else. @default false */
  readonly polygons?: boolean;
}

/** How files are made of a picture and its label map. */
export interface FileOptions extends ShapeOptions {
  /** The share of the class colours in the overlay. @default 0.5 */
  readonly opacity?: number;
  /** Draw the borders between classes in the overlay. @default false */
  readonly outline?: boolean;
  /** What the cut-out keeps, by names or ids. @default all classes but the background */
  readonly classes?: readonly (string | number)[];
  /** Cut along the pixels of the label map, without soft edges. @default false */
  readonly hardEdges?: boolean;
}

/** A picture and what was found in it. */
export interface FilePicture {
  readonly picture: Pixels;
  readonly labels: LabelMap;
  readonly classes: readonly NamedClass[];
  /** Ids that the overlay leaves as they are. */
  readonly hidden: readonly number[];
  /** Ids that the cut-out keeps. */
  readonly kept: readonly number[];
  /** Of what the cut-out keeps, where its edges are soft. */
  readonly probability?: Probability;
  /** The picture's name, for files that hold it. */
  readonly name: string;
}

/** A file that grows with every picture of a run. */
export interface Collection {
  add(labels: LabelMap, fileName: string): void;
  text(): Iterable<string>;
}

/** Formats whose files hold any number of pictures. */
export const collections: Readonly<
  Record<'coco' | 'cvat' | 'csv', (classes: readonly NamedClass[], options: ShapeOptions) => Collection>
> = {
  coco(classes, options) {
    const dataset = cocoDataset(classes, options);
    return { add: (labels, name) => addToCoco(dataset, labels, name), text: () => cocoJson(dataset) };
  },
  cvat(classes, { polygons, ...options }) {
    const dataset = cvatDataset(classes, { ...options, shapes: polygons ? 'polygons' : 'masks' });
    return { add: (labels, name) => addToCvat(dataset, labels, name), text: () => cvatXml(dataset) };
  },
  csv(classes) {
    const rows = [csvHeader];
    return { add: (labels, name) => rows.push(csvRows(labels, classes, name)), text: () => rows };
  },
};

export type FileFormat =
  | 'mask'
  | 'labels'
  | 'overlay'
  | 'cutout'
  | 'coco'
  | 'geojson'
  | 'svg'
  | 'csv'
  | 'labelme'
  | 'cvat';

interface Format {
  /** What stands after the picture's name, without that name's own ending. */
  readonly ending: string;
  /** The media type. */
  readonly type: string;
  /** Those of `FileOptions` that change it. */
  readonly options: readonly (keyof FileOptions)[];
  encode(found: FilePicture, options: FileOptions): Pieces;
}

/** A collection of one picture. */
const ofOne = (name: keyof typeof collections) => (found: FilePicture, options: FileOptions) => {
  const collection = collections[name](found.classes, options);
  collection.add(found.labels, found.name);
  return utf8(collection.text());
};

const outline = ['tolerance', 'smooth'] as const;

/** What can be made of a picture: a file each. */
export const fileFormats: Readonly<Record<FileFormat, Format>> = {
  mask: {
    ending: '.mask.png',
    type: 'image/png',
    options: [],
    encode: ({ labels, classes }) => labelPng(labels, paletteOf(classes)),
  },
  labels: {
    ending: '.labels.png',
    type: 'image/png',
    options: [],
    encode: ({ labels }) => labelPng(labels),
  },
  overlay: {
    ending: '.overlay.png',
    type: 'image/png',
    options: ['opacity', 'outline'],
    encode: ({ picture, labels, classes, hidden }, options) =>
      overlayPng(picture, labels, paletteOf(classes), { ...options, hidden }),
  },
  cutout: {
    ending: '.cutout.png',
    type: 'image/png',
    options: ['classes', 'hardEdges'],
    encode: ({ picture, labels, kept, probability }) =>
      probability ? softCutOutPng(picture, probability) : cutOutPng(picture, labels, kept),
  },
  coco: {
    ending: '.coco.json',
    type: 'application/json',
    options: [...outline, 'objects', 'polygons'],
    encode: ofOne('coco'),
  },
  geojson: {
    ending: '.mask.geojson',
    type: 'application/geo+json',
    options: outline,
    encode: ({ labels, classes }, options) => text(JSON.stringify(toGeoJson(labels, classes, options))),
  },
  svg: {
    ending: '.mask.svg',
    type: 'image/svg+xml',
    options: outline,
    encode: ({ labels, classes }, options) => text(toSvg(labels, classes, options)),
  },
  csv: { ending: '.csv', type: 'text/csv; charset=utf-8', options: [], encode: ofOne('csv') },
  // not NAME.json, which may be what somebody drew by hand
  labelme: {
    ending: '.labelme.json',
    type: 'application/json',
    options: outline,
    encode: ({ labels, classes, name }, options) =>
      text(JSON.stringify(toLabelMe(labels, classes, name, options))),
  },
  cvat: {
    ending: '.cvat.xml',
    type: 'application/xml',
    options: [...outline, 'polygons'],
    encode: ofOne('cvat'),
  },
};

const text = (whole: string): Pieces => utf8([whole]);

/** Text as bytes, in pieces that are worth a write each. */
export async function* utf8(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < 1 << 16) continue;
    yield encoder.encode(waiting);
    waiting = '';
  }
  yield encoder.encode(waiting);
}
