import { dirname, extname, join, relative, sep } from 'node:path';
import { writePieces } from '@atrous/checkpoint/node';
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
  toGeoJson,
  toLabelMe,
  toSvg,
} from '@atrous/mask';
import { InvalidArgumentError } from 'commander';
import { list } from './options.ts';
import type { PictureFile } from './pictures.ts';

/** How shapes are drawn and counted. */
export interface ShapeOptions {
  /** How far a simplified outline may be off, in pixels. */
  readonly tolerance: number;
  /** Rounds of corner cutting. */
  readonly smooth: number;
  /** What is an object: each connected area, or a class of a picture. */
  readonly objects: 'instances' | 'classes';
  /** Objects as polygons where the format has both, masks else. */
  readonly polygons: boolean;
}

type PictureFormat = 'geojson' | 'svg' | 'labelme';
type RunFormat = 'coco' | 'cvat' | 'csv';
export type SaveFormat = PictureFormat | RunFormat;

/** Formats with a file for each picture. */
const perPicture: Record<
  PictureFormat,
  {
    readonly ending: string;
    encode(
      labels: LabelMap,
      classes: readonly NamedClass[],
      imagePath: string,
      options: ShapeOptions,
    ): string;
  }
> = {
  geojson: {
    ending: '.mask.geojson',
    encode: (labels, classes, _path, options) => JSON.stringify(toGeoJson(labels, classes, options)),
  },
  svg: {
    ending: '.mask.svg',
    encode: (labels, classes, _path, options) => toSvg(labels, classes, options),
  },
  // not NAME.json, which may be what somebody drew by hand
  labelme: {
    ending: '.labelme.json',
    encode: (labels, classes, path, options) => JSON.stringify(toLabelMe(labels, classes, path, options)),
  },
};

/** A file that grows with every picture of a run. */
interface Collection {
  add(labels: LabelMap, fileName: string): void;
  text(): Iterable<string>;
}

/** Formats with a file for all pictures of a run. */
const perRun: Record<
  RunFormat,
  { readonly file: string; collect(classes: readonly NamedClass[], options: ShapeOptions): Collection }
> = {
  coco: {
    file: 'atrous.coco.json',
    collect(classes, options) {
      const dataset = cocoDataset(classes, options);
      return { add: (labels, name) => addToCoco(dataset, labels, name), text: () => cocoJson(dataset) };
    },
  },
  cvat: {
    file: 'atrous.cvat.xml',
    collect(classes, { polygons, ...options }) {
      const dataset = cvatDataset(classes, { ...options, shapes: polygons ? 'polygons' : 'masks' });
      return { add: (labels, name) => addToCvat(dataset, labels, name), text: () => cvatXml(dataset) };
    },
  },
  csv: {
    file: 'atrous.csv',
    collect(classes) {
      const rows = [csvHeader];
      return { add: (labels, name) => rows.push(csvRows(labels, classes, name)), text: () => rows };
    },
  },
};

const isPictureFormat = (name: string): name is PictureFormat => Object.hasOwn(perPicture, name);
const isRunFormat = (name: string): name is RunFormat => Object.hasOwn(perRun, name);

export const saveFormats: readonly SaveFormat[] = ['coco', 'geojson', 'svg', 'csv', 'labelme', 'cvat'];

/** `coco,svg`, each once. */
export function parseFormats(text: string): SaveFormat[] {
  const names = [...new Set(list(text))];
  const known = names.filter((name): name is SaveFormat => isPictureFormat(name) || isRunFormat(name));
  if (names.length === 0 || known.length < names.length)
    throw new InvalidArgumentError(`Expected some of ${saveFormats.join(', ')}, with commas between.`);
  return known;
}

/** Where a picture's own files go, by format. */
export function pathsOfPicture(
  formats: readonly SaveFormat[],
  stem: string,
): Partial<Record<PictureFormat, string>> {
  const own = formats.filter(isPictureFormat);
  return Object.fromEntries(own.map((format) => [format, `${stem}${perPicture[format].ending}`]));
}

/** Where the files of the whole run go, by format. */
export function pathsOfRun(
  formats: readonly SaveFormat[],
  folder: string,
): Partial<Record<RunFormat, string>> {
  const common = formats.filter(isRunFormat);
  return Object.fromEntries(common.map((format) => [format, join(folder, perRun[format].file)]));
}

/** A path as files name it on every system. */
const portable = (path: string): string => path.split(sep).join('/');

/** The texts of a picture's own files. LabelMe's names the picture relative to itself. */
export function* encodePicture(
  paths: Partial<Record<PictureFormat, string>>,
  picture: PictureFile,
  labels: LabelMap,
  classes: readonly NamedClass[],
  options: ShapeOptions,
): Generator<{ path: string; text: string }> {
  for (const [format, path] of Object.entries(paths)) {
    const imagePath = portable(relative(dirname(path), picture.path));
    yield { path, text: perPicture[format as PictureFormat].encode(labels, classes, imagePath, options) };
  }
}

/** The files of a run while it goes on. */
export interface RunFiles {
  /** Takes in what was found in a picture, which is named by its place among the results. */
  add(labels: LabelMap, picture: PictureFile): void;
  /** Writes them, where `pathsOfRun` says. */
  write(): Promise<void>;
}

export function collectRun(
  paths: Partial<Record<RunFormat, string>>,
  classes: readonly NamedClass[],
  options: ShapeOptions,
): RunFiles {
  const collections = Object.entries(paths).map(([format, path]) => ({
    path,
    ...perRun[format as RunFormat].collect(classes, options),
  }));
  return {
    add(labels, { name, path }) {
      for (const { add } of collections) add(labels, portable(name) + extname(path));
    },
    async write() {
      for (const { path, text } of collections) await writePieces(path, { pieces: utf8(text()) });
    },
  };
}

/** Text as bytes, in pieces that are worth a write each. */
async function* utf8(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
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
