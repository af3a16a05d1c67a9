import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { decodeLabelPng, type LabelFile, type LabelPngOptions } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { type Pair, type PairOptions, pairByName, parsePairList } from './pairs.ts';

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
  const ending = options.pictureSuffix ? ` whose names end in "${options.pictureSuffix}"` : '';
  throw new AtrousError('input', `${images}: no JPEG, PNG or WebP pictures in it${ending}`);
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

/** The labels of a picture. @throws AtrousError `format`, `input` or `not-found` that names the file */
export async function readLabels({ truth }: Pair, options: LabelPngOptions = {}): Promise<LabelFile> {
  return decodeLabelPng(await bytesOf(truth), truth, options);
}
