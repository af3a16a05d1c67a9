import { dirname, extname, join, relative, sep } from 'node:path';
import { writePieces } from '@atrous/checkpoint/node';
import type { LabelMap, NamedClass } from '@atrous/mask';
import { collections, fileFormats, type ShapeOptions, utf8 } from '@atrous/segmenter/files';
import type { PictureFile } from './pictures.ts';

/** Formats with a file for each picture. */
const perPicture = ['geojson', 'svg', 'labelme'] as const;

/** Formats with a file for all pictures of a run. */
const perRun = { coco: 'atrous.coco.json', cvat: 'atrous.cvat.xml', csv: 'atrous.csv' } as const;

type PictureFormat = (typeof perPicture)[number];
type RunFormat = keyof typeof perRun;
export type SaveFormat = PictureFormat | RunFormat;

const isPictureFormat = (name: string): name is PictureFormat => perPicture.some((each) => each === name);
const isRunFormat = (name: string): name is RunFormat => Object.hasOwn(perRun, name);

export const saveFormats: readonly SaveFormat[] = ['coco', 'geojson', 'svg', 'csv', 'labelme', 'cvat'];

/** Where a picture's own files go, by format. */
export function pathsOfPicture(
  formats: readonly SaveFormat[],
  stem: string,
): Partial<Record<PictureFormat, string>> {
  const own = formats.filter(isPictureFormat);
  return Object.fromEntries(own.map((format) => [format, `${stem}${fileFormats[format].ending}`]));
}

/** Where the files of the whole run go, by format. */
export function pathsOfRun(
  formats: readonly SaveFormat[],
  folder: string,
): Partial<Record<RunFormat, string>> {
  const common = formats.filter(isRunFormat);
  return Object.fromEntries(common.map((format) => [format, join(folder, perRun[format])]));
}

/** A path as files name it on every system. */
const portable = (path: string): string => path.split(sep).join('/');

/** How a file names the picture that it is about: relative to itself. */
export const pictureBeside = (path: string, picture: PictureFile): string =>
  portable(relative(dirname(path), picture.path));

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
  const files = Object.entries(paths).map(([format, path]) => ({
    path,
    ...collections[format as RunFormat](classes, options),
  }));
  return {
    add(labels, { name, path }) {
      for (const { add } of files) add(labels, portable(name) + extname(path));
    },
    async write() {
      for (const { path, text } of files) await writePieces(path, { pieces: utf8(text()) });
    },
  };
}
