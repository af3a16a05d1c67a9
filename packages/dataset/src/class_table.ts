import type { LabelMap } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { type ClassGroup, formatClassGroups, idsOfGroups, mostId } from './class_groups.ts';

/** What each id of a label map becomes. */
export interface ClassTable {
  /** By id, 0 to 65535: the class, `ignoredPixel` or `unmapped`. */
  readonly table: Int32Array;
  /** For errors: what ids may be, and what to do about others. */
  readonly expected: string;
}

/** In a table: pixels of this id are not counted. */
export const ignoredPixel = -1;
/** In a table: no class takes this id. */
export const unmapped = -2;

export interface ClassTableOptions {
  /** Names of classes by id, which the groups may use in place of ids. @default none */
  readonly names?: readonly string[];
  /** Ids that are not counted. @default none */
  readonly ignore?: readonly number[];
  /** From this id up, what no group takes is not counted either. @default none: it is an error when it occurs */
  readonly ignoreFrom?: number;
  /** For errors: what to do about an id that no class takes. @default 'map it to a class, or ignore it' */
  readonly advice?: string;
}

/**
 * Groups as a table over ids.
 * @throws AtrousError `input` for unknown names, ids in two groups, and ids that are both in a group and ignored
 */
export function classTable(groups: readonly ClassGroup[], options: ClassTableOptions = {}): ClassTable {
  const { names, ignore = [], ignoreFrom = mostId + 1, advice = 'map it to a class, or ignore it' } = options;
  const ids = idsOfGroups(groups, names);
  const rest = ids.indexOf(null);
  const table = new Int32Array(mostId + 1).fill(rest >= 0 ? rest : unmapped);
  table.fill(ignoredPixel, ignoreFrom);
  for (const id of ignore) table[id] = ignoredPixel;
  ids.forEach((own, i) => {
    for (const id of own ?? []) {
      if (ignore.includes(id))
        throw new AtrousError(
          'input',
          `id ${id} is mapped to class "${groups[i].name}" and ignored: remove one of the two`,
        );
      table[id] = i;
    }
  });
  const others = [...ignore.map(String), ...(ignoreFrom <= mostId ? [`${ignoreFrom} and above`] : [])];
  const ignored = others.length > 0 ? `, or ${others.join(', ')} to be ignored` : '';
  const taken = groups.filter(({ members }) => members.length > 0);
  return { table, expected: `those of ${formatClassGroups(taken)}${ignored}; ${advice}` };
}

/** Ids as they are: those below the class count; all others, and those of `ignore`, are not counted. */
export function ownTable(classes: number, ignore: readonly number[] = []): ClassTable {
  const table = new Int32Array(mostId + 1).fill(ignoredPixel);
  for (let id = 0; id < classes; id++) if (!ignore.includes(id)) table[id] = id;
  return { table, expected: `ids below ${classes}` };
}

/**
 * A label map with classes in place of ids.
 * @param ignoreId what ignored pixels become
 * @throws AtrousError `input` that names the file, the first id that no class takes, and where it is
 */
export function remap(
  labels: LabelMap,
  { table, expected }: ClassTable,
  ignoreId: number,
  file: string,
): LabelMap {
  const data = new Uint8Array(labels.data.length);
  for (let i = 0; i < data.length; i++) {
    const found = table[labels.data[i]];
    if (found === unmapped) throw notMapped(labels, i, expected, file);
    data[i] = found === ignoredPixel ? ignoreId : found;
  }
  return { ...labels, data };
}

/** The error for an id that no class takes. */
export function notMapped(
  { width, data }: LabelMap,
  pixel: number,
  expected: string,
  file: string,
): AtrousError {
  const at = `row ${Math.floor(pixel / width)}, column ${pixel % width}`;
  return new AtrousError(
    'input',
    `${file}: id ${data[pixel]} at ${at} is not mapped to a class: expected ${expected}`,
  );
}
