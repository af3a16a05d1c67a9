import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { AtrousError, messageOf } from '@atrous/tensor';
import { glob, isDynamicPattern } from 'tinyglobby';
import { type ArchivedFile, isArchiveName, openArchive } from './archive_pictures.ts';

/** A picture to be segmented. */
export interface PictureFile {
  /** Where it lies: a path, a URL, or for one in an archive `photos.zip/a/1.jpg`. */
  readonly path: string;
  /** The archive that it is in. */
  readonly archive?: { readonly path: string; readonly file: ArchivedFile };
  /** Where its results go, below the output folder and without an ending: `trip/photo`. */
  readonly name: string;
}

export interface FoundPictures {
  readonly pictures: readonly PictureFile[];
  /** Folders that cannot be read, and files of archives that may not be. */
  readonly failed: readonly { readonly input: string; readonly error: string }[];
  /** Results of earlier runs in folders and patterns. */
  readonly skipped: readonly string[];
}

/** What folders are searched for; HEIC, too, so that it is reported and not passed over. */
const isPicture = (name: string): boolean => /\.(jpe?g|jpe|png|webp|avif|tiff?|gif|hei[cf])$/i.test(name);
const isOwnOutput = (name: string): boolean => /\.(mask|overlay|cutout)\.(png|mp4|webm|mkv)$/i.test(name);

/** The files that pictures lie in: what no output may overwrite. */
export const filesOfPictures = (pictures: readonly PictureFile[]): string[] => [
  ...new Set(pictures.map(({ path, archive }) => archive?.path ?? path)),
];

/** A picture as functions of pictures take it: its path, or what its archive holds under its name. */
export async function bringPicture({ path, archive }: PictureFile): Promise<string | File> {
  return archive ? new File([await archive.file.bytes()], path) : path;
}

/** A file, and the folder below which its folders are kept. */
interface Candidate extends Omit<PictureFile, 'name'> {
  readonly base: string;
}

/** What an argument stands for. */
interface Expansion {
  readonly files: readonly Candidate[];
  readonly failed: FoundPictures['failed'];
  readonly skipped: readonly string[];
}

/**
 * The pictures that arguments name: files, folders with all that is below them, patterns like `photos/*.jpg`, which
 * a shell leaves to us when they are quoted, archives with all that is in them, and `@list.txt` with any of these, one a line (`@-`: standard
 * input). Hidden files are passed over, as shells do. Each picture once.
 * @throws AtrousError `input` for a folder, pattern, list or archive without a picture, `format` for a damaged archive
 */
export async function findPictures(args: readonly string[]): Promise<FoundPictures> {
  const expansions: Expansion[] = [];
  for (const arg of args) {
    for (const each of (await isList(arg)) ? await linesOf(arg) : [arg]) expansions.push(await expand(each));
  }
  const { files, failed, skipped } = joined(expansions);
  const candidates = new Map<string, Candidate>();
  for (const file of files) {
    const place = resolve(file.path);
    if (!candidates.has(place)) candidates.set(place, file);
  }
  const top = commonFolder([...candidates.values()].map(({ base }) => resolve(base)));
  const pictures = [...candidates].map(([place, { base, ...picture }]) => {
    const below = relative(top ?? resolve(base), place);
    return { ...picture, name: below.slice(0, below.length - extname(below).length) };
  });
  return { pictures, failed, skipped };
}

/** A file may have such a name; then it is that file. */
const isList = async (arg: string): Promise<boolean> =>
  arg.length > 1 &&
  arg.startsWith('@') &&
  (await stat(arg).then(
    () => false,
    () => true,
  ));

/** The lines of a list that name something. @throws AtrousError `not-found`, `input` */
async function linesOf(list: string): Promise<string[]> {
  const path = list.slice(1);
  const content = await (path === '-' ? text(process.stdin) : readFile(path, 'utf8')).catch((cause) => {
    const code = cause.code === 'ENOENT' ? 'not-found' : 'input';
    throw new AtrousError(code, `${list}: the list ${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new AtrousError('input', `${list}: the list names no pictures`);
  return lines;
}

async function expand(arg: string): Promise<Expansion> {
  const found = await stat(arg).catch(() => undefined);
  if (found?.isFile() && isArchiveName(arg)) return unpacked(arg);
  if (found?.isDirectory()) {
    const failed: { input: string; error: string }[] = [];
    const paths = await walk(arg, failed);
    return { ...searched(arg, paths.filter(isPicture), arg, failed.length > 0), failed };
  }
  const pattern = sep === '\\' ? arg.replaceAll('\\', '/') : arg;
  if (found || !isDynamicPattern(pattern)) {
    // one that is missing says so when it is read
    return { files: [{ path: arg, base: dirname(arg) }], failed: [], skipped: [] };
  }
  const parts = pattern.split('/');
  const fixed = parts
    .slice(
      0,
      parts.findIndex((part) => isDynamicPattern(part)),
    )
    .join('/');
  const base = fixed === '' && pattern.startsWith('/') ? '/' : fixed || '.';
  const paths = (await glob(pattern, { expandDirectories: false })).sort();
  const archives: Expansion[] = [];
  for (const path of paths.filter(isArchiveName)) archives.push(await unpacked(path, base));
  const plain = paths.filter((path) => !isArchiveName(path));
  const files = searched(arg, plain, base, archives.length > 0);
  return joined([{ ...files, failed: [] }, ...archives]);
}

const joined = (expansions: readonly Expansion[]): Expansion => ({
  files: expansions.flatMap(({ files }) => files),
  failed: expansions.flatMap(({ failed }) => failed),
  skipped: expansions.flatMap(({ skipped }) => skipped),
});

/** The pictures in an archive, which is a folder to what comes of them. */
async function unpacked(arg: string, base: string = arg): Promise<Expansion> {
  const { files, outside } = await openArchive(arg);
  const inside = new Map(files.map((file) => [join(arg, file.name), file]));
  const found = searched(arg, [...inside.keys()].filter(isPicture), base, outside.length > 0);
  return {
    ...found,
    files: found.files.map((file) => ({ ...file, archive: { path: arg, file: inside.get(file.path)! } })),
    failed: outside.filter(isPicture).map((name) => ({
      input: `${arg}/${name}`,
      error: 'its name leads out of the archive: it is not read',
    })),
  };
}

/** What was found by looking around, without what earlier runs wrote. */
function searched(
  arg: string,
  paths: readonly string[],
  base: string,
  mayBeEmpty: boolean,
): Omit<Expansion, 'failed'> {
  const skipped = paths.filter(isOwnOutput);
  const wanted = paths.filter((path) => !isOwnOutput(path));
  if (wanted.length === 0 && !mayBeEmpty) {
    const results = skipped.length > 0 ? `, but ${skipped.length} results of earlier runs` : '';
    throw new AtrousError('input', `${arg}: no pictures found${results}`);
  }
  return { files: wanted.map((path) => ({ path, base })), skipped };
}

/** Every file below a folder; a folder that links lead to twice, or back to, is visited once. */
async function walk(
  folder: string,
  failed: { input: string; error: string }[],
  visited: Set<string> = new Set(),
): Promise<string[]> {
  let entries: Dirent[];
  try {
    const place = await realpath(folder);
    if (visited.has(place)) return [];
    visited.add(place);
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    failed.push({ input: folder, error: messageOf(error) });
    return [];
  }
  const shown = entries.filter(({ name }) => !name.startsWith('.'));
  // links last: what a folder holds itself keeps its own name
  shown.sort((a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of shown) {
    const path = join(folder, entry.name);
    const isFolder = entry.isSymbolicLink()
      ? await stat(path).then(
          (found) => found.isDirectory(),
          () => false,
        )
      : entry.isDirectory();
    if (isFolder) files.push(...(await walk(path, failed, visited)));
    else files.push(path);
  }
  return files;
}

/** The deepest folder that all of these are or are in; none on different drives. */
function commonFolder(folders: readonly string[]): string | undefined {
  if (folders.length === 0) return undefined;
  const [first, ...others] = folders.map((folder) => folder.split(sep));
  let length = first.length;
  for (const parts of others) {
    let same = 0;
    while (same < length && parts[same] === first[same]) same++;
    length = same;
  }
  if (length === 0) return undefined;
  const folder = first.slice(0, length).join(sep);
  return folder === '' || folder.endsWith(':') ? folder + sep : folder; // a root needs its separator
}
