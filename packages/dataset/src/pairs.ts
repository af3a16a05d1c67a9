import { AtrousError } from '@atrous/tensor';

/** A picture and the file of its labels. */
export interface Pair {
  readonly picture: string;
  readonly truth: string;
}

/** What names have beyond what pictures and labels share: `_leftImg8bit` and `_gtFine_labelIds` in Cityscapes. */
export interface PairOptions {
  /** At the end of pictures' names, before the extension: others are left out. @default '' */
  readonly pictureSuffix?: string;
  /** At the end of the names of label files, before the extension: others are left out. @default '' */
  readonly labelSuffix?: string;
  /** For errors: where the labels are. */
  readonly labelsAt?: string;
}

const pictureFile = /\.(jpe?g|jpe|png|webp|avif|tiff?|gif)$/i;
const labelFile = /\.png$/i;

/** A file's name without its folder. */
export const fileNameOf = (path: string): string => path.replace(/^.*[\\/]/, '');

/** A file's name without its folder and extension. */
export const stemOf = (path: string): string => fileNameOf(path).replace(/\.[^.]*$/, '');

/** Whether a file is a picture, by its extension. */
export const isPicture = (path: string): boolean => pictureFile.test(path);

/** The first five, for errors. */
export const firstOf = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;

/** Files by name without folder, suffix and extension. */
function byStem(paths: readonly string[], pattern: RegExp, suffix: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const path of paths.filter((candidate) => pattern.test(candidate)).sort()) {
    const name = stemOf(path);
    if (!name.endsWith(suffix)) continue;
    const stem = name.slice(0, name.length - suffix.length);
    const other = files.get(stem);
    if (other)
      throw new AtrousError('input', `${other} and ${path} differ only in their extension: keep one of them`);
    files.set(stem, path);
  }
  return files;
}

/**
 * Pictures with the label files (PNG) of the same name, in the order of their names. Paths, or names as of a browser's
 * `FileList`; what is neither a picture nor a PNG is left out.
 * @throws AtrousError `input` that lists the pictures without labels, and for names that are there twice
 */
export function pairByName(
  pictures: readonly string[],
  labels: readonly string[],
  { pictureSuffix = '', labelSuffix = '', labelsAt }: PairOptions = {},
): Pair[] {
  const truths = byStem(labels, labelFile, labelSuffix);
  const found = [...byStem(pictures, pictureFile, pictureSuffix)];
  const without = found.filter(([stem]) => !truths.has(stem)).map(([, path]) => path);
  if (without.length > 0) {
    throw new AtrousError(
      'input',
      `${without.length} pictures have no labels${labelsAt ? ` in ${labelsAt}` : ''}: ${firstOf(without)}`,
    );
  }
  return found.map(([stem, picture]) => ({ picture, truth: truths.get(stem)! }));
}

/**
 * Pairs out of a list: a picture and its labels on each line, with a tab or, where there is none, white space between.
 * Empty lines and those that begin with `#` are left out.
 * @throws AtrousError `format` that names the line
 */
export function parsePairList(text: string, file: string): Pair[] {
  const pairs: Pair[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const parts = line.includes('\t')
      ? line.split('\t').map((part) => part.trim())
      : line.trim().split(/\s+/);
    if (parts.length !== 2 || parts.includes(''))
      throw new AtrousError(
        'format',
        `${file}: line ${i + 1}: expected a picture and its labels with a tab between, got "${line}"`,
      );
    pairs.push({ picture: parts[0], truth: parts[1] });
  }
  return pairs;
}
