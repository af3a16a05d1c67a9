import { AtrousError } from '@atrous/tensor';
import type { Tags } from './groups.ts';
import { stemOf } from './pairs.ts';

/** Rows of cells out of a table (RFC 4180): commas, cells in quotes, either kind of line end. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  for (let at = 0; at < text.length; at = cell.lastIndex) {
    cell.lastIndex = at;
    const match = cell.exec(text);
    if (!match) {
      const line = text.slice(0, at).split('\n').length;
      throw new AtrousError(
        'format',
        `CSV: line ${line}: expected cells separated by commas, in quotes or without any`,
      );
    }
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]);
    if (match[3] === ',' && cell.lastIndex < text.length) continue;
    if (match[3] === ',') row.push('');
    rows.push(row);
    row = [];
  }
  return rows.filter((cells) => cells.some((value) => value.trim() !== ''));
}

/** A line of a table, with its end. */
export const csvLine = (cells: readonly (string | number | null)[]): string =>
  `${cells.map((cell) => quote(cell === null ? '' : String(cell))).join(',')}\r\n`;

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * Tags of pictures out of a table: the first column names pictures (folder and extension are not looked at), each other
 * column is a grouping by the name in its first row.
 *
 *     picture,place,light
 *     000515.jpg,indoor,day
 *
 * @returns tags by the picture's name without folder and extension; an empty cell is no tag
 * @throws AtrousError `format` for rows of another length, `input` for a picture that is named twice
 */
export function parseTags(text: string, file: string): Map<string, Tags> {
  const [header, ...rows] = parseCsv(text.replace(/^\ufeff/, ''));
  if (!header || header.length < 2)
    throw new AtrousError(
      'format',
      `${file}: expected a first row such as "picture,place": a name for each grouping`,
    );
  const tags = new Map<string, Tags>();
  for (const [i, cells] of rows.entries()) {
    if (cells.length !== header.length)
      throw new AtrousError(
        'format',
        `${file}: row ${i + 2} has ${cells.length} cells: expected ${header.length}`,
      );
    const stem = stemOf(cells[0].trim());
    if (tags.has(stem)) throw new AtrousError('input', `${file}: row ${i + 2}: "${stem}" is named twice`);
    const named = header.slice(1).map((by, k) => [by.trim(), cells[k + 1].trim()] as const);
    tags.set(stem, Object.fromEntries(named.filter(([, group]) => group !== '')));
  }
  return tags;
}
