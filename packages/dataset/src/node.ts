import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { decodeLabelPng, type LabelFile, type LabelPngOptions } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { openCoco } from './coco_labels.ts';
import { formatByName, type LabelFormatName, withClassIds } from './label_formats.ts';
import {
  fileNameOf,
  firstOf,
  isPicture,
  type Pair,
  type PairOptions,
  pairByName,
  parsePairList,
} from './pairs.ts';

export * from './index.ts';

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause) => {
    throw new AtrousError('not-found', `${folder}: no such folder`, { cause });
  });
  return names.map((name) => join(folder, name));
}

async function bytesOf(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause) => {
    throw new AtrousError('not-found', `${file}: cannot be read`, { cause });
  });
}

/**
 * Pictures of a folder with the label files of another, by name.
 * @throws AtrousError `not-found` for a folder, `input` for one without pictures and for pictures without labels
 */
export async function pairFolders(
  images: string,
  labels: string,
  options: PairOptions = {},
): Promise<Pair[]> {
  const pictures = await filesOf(images);
  const pairs = pairByName(pictures, await filesOf(labels), { labelsAt: labels, ...options });
  if (pairs.length > 0) return pairs;
  throw noPictures(images, options.pictureSuffix);
}

function noPictures(folder: string, suffix?: string): AtrousError {
  const ending = suffix ? ` whose names end in "${suffix}"` : '';
  return new AtrousError('input', `${folder}: no JPEG, PNG or WebP pictures in it${ending}`);
}

/**
 * Pairs out of a list file; paths are relative to its folder.
 * @throws AtrousError `not-found`, `format` that names the line, `input` for an empty one
 */
export async function pairsOfList(file: string): Promise<Pair[]> {
  const listed = parsePairList(new TextDecoder().decode(await bytesOf(file)), file);
  if (listed.length === 0) throw new AtrousError('input', `${file}: lists no pictures`);
  const at = (path: string) => resolve(dirname(file), path);
  return listed.map(({ picture, truth }) => ({ picture: at(picture), truth: at(truth) }));
}

export interface LabelReading extends LabelPngOptions {
  /** What ids the file has. @default what its name tells (`formatByName`) */
  readonly format?: LabelFormatName;
}

/** The labels of a picture, ids of classes. @throws AtrousError `format`, `input` or `not-found` that names the file */
export async function readLabels({ truth }: Pair, options: LabelReading = {}): Promise<LabelFile> {
  const { format = formatByName(truth) } = options;
  return withClassIds(decodeLabelPng(await bytesOf(truth), truth, options), format, truth);
}

/** Pictures, and where their labels come from. */
export interface LabelledPictures {
  readonly pairs: readonly Pair[];
  /** The labels of a pair. @throws AtrousError `format`, `input` or `not-found` that names the file */
  labels(pair: Pair, options?: LabelReading): Promise<LabelFile>;
}

/** Pairs with a PNG of labels each. */
export const withLabelPngs = (pairs: readonly Pair[]): LabelledPictures => ({ pairs, labels: readLabels });

/**
 * Pictures of a folder with their labels in one COCO file: ids are its category ids, 0 where there is no annotation.
 * @throws AtrousError `not-found`, `format`, or `input` that lists pictures of the folder that the file does not list
 */
export async function withCocoLabels(images: string, file: string): Promise<LabelledPictures> {
  const coco = openCoco(new TextDecoder().decode(await bytesOf(file)), file);
  const listed = new Map(coco.pictures.map((name) => [fileNameOf(name), name]));
  const pictures = (await filesOf(images)).filter(isPicture).sort();
  const without = pictures.filter((path) => !listed.has(fileNameOf(path)));
  if (pictures.length === 0) throw noPictures(images);
  if (without.length > 0)
    throw new AtrousError(
      'input',
      `${without.length} pictures are not listed in ${file}: ${firstOf(without)}`,
    );
  return {
    pairs: pictures.map((picture) => ({ picture, truth: file })),
    labels: async ({ picture }) => coco.labelsOf(listed.get(fileNameOf(picture))!),
  };
}
