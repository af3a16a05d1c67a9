import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { decodeLabelPng, type LabelFile, type LabelPngOptions, maxLabelPixels } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { Option } from 'commander';
import { wholeNumber } from './options.ts';

/** A picture and the PNG of its class ids. */
export interface Pair {
  readonly picture: string;
  readonly truth: string;
}

const pictureFile = /\.(jpe?g|jpe|png|webp|avif|tiff?|gif)$/i;

/** How large a label file may be. */
export const maxPixelsOption = (): Option =>
  new Option('--max-pixels <n>', 'refuse label files of more pixels')
    .argParser(wholeNumber(1))
    .default(maxLabelPixels);

/** The labels of a picture. @throws AtrousError `format`, `input` or `not-found` that names the file */
export async function readLabels({ truth }: Pair, options: LabelPngOptions): Promise<LabelFile> {
  const bytes = await readFile(truth).catch((cause) => {
    throw new AtrousError('not-found', `${truth}: cannot be read`, { cause });
  });
  return decodeLabelPng(bytes, truth, options);
}

/** Files of a folder by name without extension. */
async function filesByStem(folder: string, pattern: RegExp): Promise<Map<string, string>> {
  const names = await readdir(folder).catch((cause) => {
    throw new AtrousError('not-found', `${folder}: no such folder`, { cause });
  });
  const files = new Map<string, string>();
  for (const name of names.filter((candidate) => pattern.test(candidate)).sort()) {
    const stem = name.slice(0, -extname(name).length);
    const other = files.get(stem);
    if (other)
      throw new AtrousError(
        'input',
        `${other} and ${join(folder, name)} differ only in their extension: keep one of them`,
      );
    files.set(stem, join(folder, name));
  }
  return files;
}

/** Pictures with their labels. @throws AtrousError `input` that lists the pictures without */
export async function pairFiles(images: string, labels: string): Promise<Pair[]> {
  const pictures = await filesByStem(images, pictureFile);
  const truths = await filesByStem(labels, /\.png$/i);
  if (pictures.size === 0) throw new AtrousError('input', `${images}: no JPEG, PNG or WebP pictures in it`);
  const without = [...pictures].filter(([stem]) => !truths.has(stem)).map(([, path]) => path);
  if (without.length > 0) {
    throw new AtrousError(
      'input',
      `${without.length} pictures have no labels in ${labels}: ${without.slice(0, 5).join(', ')}${without.length > 5 ? ', …' : ''}`,
    );
  }
  return [...pictures].map(([stem, picture]) => ({ picture, truth: truths.get(stem)! }));
}
