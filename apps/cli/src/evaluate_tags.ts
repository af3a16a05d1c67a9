import { readFile } from 'node:fs/promises';
import { colourGroup, parseTags, sizeGroup, stemOf, type Tags, type Tally } from '@atrous/dataset';
import type { Pixels } from '@atrous/segmenter';
import { AtrousError } from '@atrous/tensor';

/** Groupings that are computed. */
export const groupings = ['size', 'colour'] as const;
export type Grouping = (typeof groupings)[number];

/** Tags by picture out of a table; none without a file. @throws AtrousError `not-found`, `format` or `input` */
export async function readTags(file: string | undefined): Promise<ReadonlyMap<string, Tags>> {
  if (file === undefined) return new Map();
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new AtrousError('not-found', `${file}: cannot be read`, { cause });
  });
  return parseTags(text, file);
}

/**
 * The groups of a picture: those of the table, its size (all classes but the first, by the labels) and its colour.
 * @param pixels asked for where colour is a grouping
 */
export function tagsOf(
  picture: string,
  tally: Tally,
  pixels: Pixels | undefined,
  by: readonly Grouping[],
  table: ReadonlyMap<string, Tags>,
): Tags {
  const objects = Array.from(tally.truth.keys()).slice(1);
  return {
    ...table.get(stemOf(picture)),
    ...(by.includes('size') && { size: sizeGroup(tally, objects) }),
    ...(pixels && by.includes('colour') && { colour: colourGroup(pixels.data, pixels) }),
  };
}
