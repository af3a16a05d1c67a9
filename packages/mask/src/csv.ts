import type { NamedClass } from './classes.ts';
import type { LabelMap } from './label_map.ts';
import { classShares } from './render.ts';

const columns = 'id,class,pixels,share';

/** The first line of a table of many pictures. */
export const csvHeader: string = `image,${columns}\r\n`;

/** The pixels of each class and their share of the picture, as a table (RFC 4180) with a row per class. */
export function toCsv(labels: LabelMap, classes: readonly NamedClass[]): string {
  const rows = cellsOf(labels, classes).map((cells) => `${cells.join(',')}\r\n`);
  return `${columns}\r\n${rows.join('')}`;
}

/** The lines of one picture in a table of many, after `csvHeader`. */
export function csvRows(labels: LabelMap, classes: readonly NamedClass[], image: string): string {
  return cellsOf(labels, classes)
    .map((cells) => `${[quote(image), ...cells].join(',')}\r\n`)
    .join('');
}

function cellsOf(labels: LabelMap, classes: readonly NamedClass[]): (string | number)[][] {
  const count = classes.reduce((most, { id }) => Math.max(most, id + 1), 0);
  const shares = classShares(labels, count);
  const total = labels.width * labels.height;
  return classes.map(({ id, name }) => [id, quote(name), Math.round(shares[id] * total), shares[id]]);
}

const quote = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
