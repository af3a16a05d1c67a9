import {
  type LabelledPictures,
  pairFolders,
  pairsOfList,
  withCocoLabels,
  withLabelPngs,
} from '@atrous/dataset/node';
import { maxLabelPixels } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { Option } from 'commander';
import { wholeNumber } from './options.ts';

/** How large a label file may be. */
export const maxPixelsOption = (): Option =>
  new Option('--max-pixels <n>', 'refuse label files of more pixels')
    .argParser(wholeNumber(1))
    .default(maxLabelPixels);

/** Where pictures and their labels are. */
export interface PairFlags {
  readonly images?: string;
  readonly labels?: string;
  readonly imageSuffix?: string;
  readonly labelSuffix?: string;
  readonly pairs?: string;
}

export const pairOptions = (): Option[] => [
  new Option('--image-suffix <text>', 'what names of pictures end in, e.g. _leftImg8bit'),
  new Option('--label-suffix <text>', 'what names of labels end in, e.g. _gtFine_labelIds'),
  new Option('--pairs <file>', 'in place of folders: a picture and its labels per line, a tab between'),
];

/** Pictures with their labels. @throws AtrousError `input`, `not-found` or `format` */
export async function findLabelled(flags: PairFlags): Promise<LabelledPictures> {
  const { images, labels, imageSuffix, labelSuffix, pairs } = flags;
  if (pairs !== undefined && (images ?? labels ?? imageSuffix ?? labelSuffix) !== undefined)
    throw new AtrousError('input', '--pairs takes the place of --images and --labels: leave them out');
  if (pairs !== undefined) return withLabelPngs(await pairsOfList(pairs));
  if (images === undefined || labels === undefined)
    throw new AtrousError(
      'input',
      `${images === undefined ? '--images' : '--labels'} <folder> is missing: give --images and --labels, or --pairs`,
    );
  if (/\.json$/i.test(labels)) return withCocoLabels(images, labels);
  return withLabelPngs(await pairFolders(images, labels, { pictureSuffix: imageSuffix, labelSuffix }));
}
