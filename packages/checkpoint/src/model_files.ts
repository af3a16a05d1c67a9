import { type ByteSource, blobBytes } from './bytes.ts';

/**
 * Files that belong together: an index and its shards. Names are relative to the folder of the file that is opened, with
 * `/` between folders.
 */
export interface ModelFiles {
  /** What is known to be there. Of an address, which cannot be listed, nothing: `open` is asked all the same. */
  readonly names: readonly string[];
  /** undefined where there is no such file */
  open(name: string): Promise<ByteSource | undefined>;
}

/** One file alone. */
export const noFiles: ModelFiles = { names: [], open: async () => undefined };

/** Files that somebody chose or dropped. Of a folder that was dropped, names are relative to that folder. */
export function fileListFiles(files: Iterable<File>): ModelFiles {
  const byName = new Map([...files].map((file) => [nameBelowFolder(file), file]));
  return {
    names: [...byName.keys()],
    async open(name) {
      const file = byName.get(name);
      return file && blobBytes(file, name);
    },
  };
}

/** `webkitRelativePath` begins with the folder's own name; it is empty for a file that was chosen by itself. */
function nameBelowFolder({ name, webkitRelativePath }: File): string {
  return webkitRelativePath ? webkitRelativePath.slice(webkitRelativePath.indexOf('/') + 1) : name;
}

/** True for a name that stays below the folder: none that a file could use to reach others of the machine. */
export function isNameBelow(name: string): boolean {
  const parts = name.split('/');
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  return isPlain && !/[\\:\0]/.test(name);
}

/** The last part of a path or address. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
