import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { AtrousError, messageOf } from '@atrous/tensor';
import { glob, isDynamicPattern } from 'tinyglobby';

/** A picture to be segmented. */
export interface PictureFile {
  readonly path: string;
  /** Where its results go, below the output folder and without an ending: `trip/photo`. */
  readonly name: string;
}

export interface FoundPictures {
  readonly pictures: readonly PictureFile[];
  /** Folders that cannot be read. */
  readonly failed: readonly { readonly input: string; readonly error: string }[];
  /** Results of earlier runs in folders and patterns. */
  readonly skipped: readonly string[];
}

/** What folders are searched for; HEIC, too, so that it is reported and not passed over. */
const isPicture = (name: string): boolean => /\.(jpe?g|jpe|png|webp|avif|tiff?|gif|hei[cf])$/i.test(name);
const isOwnOutput = (name: string): boolean => /\.(mask|overlay|cutout)\.(png|mp4|webm|mkv)$/i.test(name);

/** A file, and the folder below which its folders are kept. */
interface Candidate {
  readonly path: string;
  readonly base: string;
}

/** What an argument stands for. */
interface Expansion {
  readonly files: readonly Candidate[];
  readonly failed: FoundPictures['failed'];
  readonly skipped: readonly string[];
}

/**
 * The pictures that arguments name: files, folders with all that is below them, and patterns like `photos/*.jpg`, which
 * a shell leaves to us when they are quoted. Hidden files are passed over, as shells do. Each picture once.
 * @throws AtrousError `input` for a folder or pattern without a picture
 */
export async function findPictures(args: readonly string[]): Promise<FoundPictures> {
  const expansions: Expansion[] = [];
  for (const arg of args) expansions.push(await expand(arg));
  const candidates = new Map<string, Candidate>();
  for (const file of expansions.flatMap(({ files }) => files)) {
    const place = resolve(file.path);
    if (!candidates.has(place)) candidates.set(place, file);
  }
  const top = commonFolder([...candidates.values()].map(({ base }) => resolve(base)));
  const pictures = [...candidates].map(([place, { path, base }]) => {
    const below = relative(top ?? resolve(base), place);
    return { path, name: below.slice(0, below.length - extname(below).length) };
  });
  return {
    pictures,
    failed: expansions.flatMap(({ failed }) => failed),
    skipped: expansions.flatMap(({ skipped }) => skipped),
  };
}

async function expand(arg: string): Promise<Expansion> {
  const found = await stat(arg).catch(() => undefined);
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
  const paths = await glob(pattern, { expandDirectories: false });
  return { ...searched(arg, paths.sort(), base, false), failed: [] };
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
