import { type BigIntStats, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AtrousError } from '@atrous/tensor';

/** A file that is going to be written. */
export interface PlannedOutput {
  readonly path: string;
  /** The input that it is made from, for the error. */
  readonly from: string;
  /** Whether it is a folder of files, in place of one that may be there. */
  readonly isFolder?: boolean;
}

/**
 * Makes sure, before anything is written, that no output is an input or another output: by what the file system says is
 * one file (links, `./`, names that differ in case where case is ignored), not by how it is spelled; and that none is a
 * folder.
 * @throws AtrousError `input`
 */
export function refuseOverwrites(inputs: readonly string[], outputs: readonly PlannedOutput[]): void {
  const places = placeFinder();
  const inputOf = new Map<string, string>();
  for (const input of inputs) {
    const { place, file } = places(input);
    inputOf.set(place, input);
    if (file) inputOf.set(file, input);
  }
  const writerOf = new Map<string, string>();
  for (const { path, from, isFolder: mayBeFolder } of outputs) {
    const { place, file, isFolder } = places(path);
    if (isFolder && !mayBeFolder)
      throw new AtrousError('input', `${path}: a folder; expected the name of a file`);
    const input = inputOf.get(place) ?? (file && inputOf.get(file));
    if (input !== undefined) {
      throw new AtrousError(
        'input',
        `${path} would overwrite the input ${input}: write elsewhere with -o, or leave ${input} out`,
      );
    }
    const writer = writerOf.get(place);
    if (writer !== undefined) {
      throw new AtrousError(
        'input',
        `${writer} and ${from} would both write ${path}: segment them into different folders`,
      );
    }
    writerOf.set(place, from);
  }
}

interface Place {
  /** Folder and name behind symbolic links; equal for two names that a write would take for one. */
  readonly place: string;
  /** The number of a file that exists, which its hard links share. */
  readonly file?: string;
  readonly isFolder: boolean;
}

interface Folder {
  readonly key: string;
  /** Whether `a` and `A` are one file in it. */
  readonly ignoresCase: boolean;
}

function placeFinder(): (path: string) => Place {
  const folders = new Map<string, Folder>();
  const folderAt = (path: string): Folder => {
    const known = folders.get(path);
    if (known) return known;
    const found = status(path);
    const parent = dirname(path);
    const look = (): Folder => {
      if (found) return { key: numberOf(found), ignoresCase: ignoresCase(path) };
      if (parent === path) return { key: path, ignoresCase: false }; // a drive that does not exist
      const above = folderAt(parent); // one that is still to be made is known by its parent and its name
      return { ...above, key: `${above.key}/${fold(basename(path), above)}` };
    };
    const folder = look();
    folders.set(path, folder);
    return folder;
  };
  return (path) => {
    const found = status(path);
    const target = found ? realpathSync.native(path) : resolve(path);
    const folder = folderAt(dirname(target));
    const place = `${folder.key}/${fold(basename(target), folder)}`;
    return found
      ? { place, file: numberOf(found), isFolder: found.isDirectory() }
      : { place, isFolder: false };
  };
}

const numberOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`;

const fold = (name: string, { ignoresCase }: Folder): string =>
  ignoresCase ? name.normalize('NFC').toLowerCase() : name;

function status(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined; // not there, or not to be seen: then it is not to be written either
  }
}

/** Asked of a file that is there; assumed from the system where none has a letter in its name. */
function ignoresCase(folder: string): boolean {
  for (const name of namesIn(folder)) {
    const other = name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
    const found = status(join(folder, name));
    if (other === name || !found) continue;
    const same = status(join(folder, other));
    return same !== undefined && numberOf(same) === numberOf(found);
  }
  return process.platform === 'darwin' || process.platform === 'win32';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
