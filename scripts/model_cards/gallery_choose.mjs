// Which pictures a gallery shows, whatever comes out: every n-th by name of those below a folder that may be published, or
// those of another model's card.
// A table of licences says which those are: tabs between, names of the columns first, files as seen from the table.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { licenceUrl } from './gallery_text.mjs';

const columns = ['file', 'title', 'author', 'source', 'licence', 'use'];
/** `ship`: may be published with the project. `look`: only to be looked at. */
const uses = ['ship', 'look'];
const pictureTypes = ['.jpg', '.jpeg', '.png', '.webp', '.avif', '.tif', '.tiff', '.gif'];

/** The rows of a table of licences, each with the path of its picture. @throws for a table with which something is wrong */
export function readLicences(table) {
  if (!existsSync(table))
    throw new Error(`${table}: no such file; expected a table of licences, columns ${columns.join(', ')}`);
  const [head, ...lines] = readFileSync(table, 'utf8').replace(/\r/g, '').trimEnd().split('\n');
  const names = head.split('\t');
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0)
    throw new Error(`${table}: no column ${missing.join(', ')}; its first line has ${names.join(', ')}`);
  const rows = lines.map((line, i) => {
    const cells = line.split('\t');
    const row = Object.fromEntries(names.map((name, column) => [name, (cells[column] ?? '').trim()]));
    checkRow(row, `${table}, line ${i + 2}`);
    return { ...row, path: resolve(dirname(table), row.file) };
  });
  const twice = rows.find(({ path }, i) => rows.findIndex((row) => row.path === path) < i);
  if (twice) throw new Error(`${table}: ${twice.file} has two lines; expected one`);
  return rows;
}

function checkRow(row, where) {
  const empty = columns.filter((column) => row[column] === '');
  if (empty.length > 0)
    throw new Error(`${where}: ${empty.join(', ')} is empty; say it, or take the line out`);
  if (!uses.includes(row.use))
    throw new Error(`${where}: use is "${row.use}"; expected ${uses.join(' or ')}`);
  if (row.use !== 'ship') return;
  licenceUrl(row.licence, where);
  if (!/^https?:\/\/\S+$/.test(row.source))
    throw new Error(`${where}: source is "${row.source}"; expected the address of the picture`);
}

/** Every n-th picture of a folder by name, in the order of code units, the first one first. @throws */
export function choose(folder, table, every) {
  if (!Number.isInteger(every) || every < 1)
    throw new Error(`every: expected a whole number from 1 on, got ${every}`);
  const shipped = mayBePublished(folder, table);
  return { of: shipped.length, chosen: shipped.filter((_, i) => i % every === 0) };
}

/**
 * The pictures of another card, in its order: two models are compared on the same ones. They are known by their source.
 * @param other what that card.json has as "gallery"
 * @throws when a picture of it is not in the folder
 */
export function chooseAs(folder, table, other) {
  const shipped = mayBePublished(folder, table);
  const found = other.pictures.map(({ source }) => shipped.find((row) => row.source === source));
  const gone = other.pictures.filter((_, i) => !found[i]).map(({ file, source }) => `${file} (${source})`);
  if (gone.length > 0)
    throw new Error(`${folder}: ${table} has no picture to publish with the source of ${gone.join(', ')}`);
  return found;
}

/** The rows of the pictures below a folder that may be published, by name. @throws */
function mayBePublished(folder, table) {
  const rows = readLicences(table);
  const known = new Set(rows.map(({ path }) => path));
  const pictures = picturesBelow(folder);
  const unknown = pictures.filter((path) => !known.has(path));
  if (unknown.length > 0)
    throw new Error(
      `${table} has no line for ${unknown.map((path) => relative(dirname(table), path)).join(', ')}: add one, or take the picture out of ${folder}`,
    );
  const there = new Set(pictures);
  const gone = rows.find(({ path }) => path.startsWith(resolve(folder) + sep) && !there.has(path));
  if (gone) throw new Error(`${table} names ${gone.file}, which is not there`);
  const shipped = rows
    .filter(({ path, use }) => use === 'ship' && there.has(path))
    .sort((a, b) => (a.file < b.file ? -1 : 1));
  if (shipped.length === 0) throw new Error(`${folder}: ${table} lets no picture of it be published`);
  return shipped;
}

function picturesBelow(folder) {
  if (!existsSync(folder)) throw new Error(`${folder}: no such folder; expected one with pictures`);
  return readdirSync(folder, { recursive: true })
    .map((name) => join(resolve(folder), name))
    .filter((path) => pictureTypes.includes(extname(path).toLowerCase()));
}
