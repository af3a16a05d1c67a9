import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AtrousError, type EncodedFile, messageOf } from '@atrous/tensor';

/** Files being written now, under their temporary names. */
const partialFiles = new Set<string>();

/**
 * Writes a file piece by piece, beside its name and renamed when it is whole: whatever happens in between (an error, a
 * kill, a full disk), under `path` lies the old file or the new one. Folders on the way are made; a link is
 * followed; a pipe or device is written as it is.
 * @throws AtrousError `input` when `path` cannot be written, `runtime` when the disk is full; and what `pieces` throws
 */
export async function writePieces(path: string, { pieces }: Pick<EncodedFile, 'pieces'>): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile() && !found.isDirectory()) return fill(path, path, 'w', pieces);
  const partial = await partialFile(path);
  try {
    await fill(partial.path, path, 'wx', pieces);
    await partial.keep();
  } catch (error) {
    await partial.drop();
    throw error;
  }
}

/** A file or a folder that is written beside its name by whoever has `path`. */
export interface PartialFile {
  /** The temporary name: where nothing is yet, or an empty folder. */
  readonly path: string;
  /** Gives it its name, in place of what had it. @throws AtrousError `input` */
  keep(): Promise<void>;
  /** Removes what is there of it. */
  drop(): Promise<void>;
}

/**
 * A place beside a file's name, for what others write: as `writePieces`, under `path` lies the old file until the new one is whole.
 * @throws AtrousError `input` when `path` is a folder where a file is meant, or a file where a folder is, and when nothing can be beside it
 */
export async function partialFile(path: string, kind: 'file' | 'folder' = 'file'): Promise<PartialFile> {
  const found = await stat(path).catch(() => undefined);
  const isFolder = kind === 'folder';
  if (found && found.isDirectory() !== isFolder) {
    const [given, expected] = isFolder ? ['file', 'folder'] : ['folder', 'file'];
    throw new AtrousError('input', `${path}: a ${given}; expected the name of a ${expected}`);
  }
  const target = found ? await realpath(path) : path;
  await makeFolder(dirname(target));
  // a name of its own: two runs may write one file, and the longest name that is legal has no room for an ending
  const partial = join(dirname(target), `.atrous-${randomUUID()}.partial`);
  partialFiles.add(partial);
  if (isFolder) await makeFolder(partial);
  return {
    path: partial,
    async keep() {
      if (found && isFolder) await rm(target, { recursive: true }).catch(explain(path));
      await rename(partial, target).catch(explain(path));
      partialFiles.delete(partial);
    },
    async drop() {
      await rm(partial, { recursive: true, force: true }).catch(() => {});
      partialFiles.delete(partial);
    },
  };
}

/** Writes a file at once, as `writePieces` does. */
export function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return writePieces(path, {
    pieces: (async function* () {
      yield bytes;
    })(),
  });
}

/** Makes a folder and those above it. @throws AtrousError `input` where a file is in the way */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    const isFile = cause.code === 'EEXIST' || cause.code === 'ENOTDIR';
    if (isFile) throw new AtrousError('input', `${folder}: a file; expected a folder`, { cause });
    return explain(folder)(cause);
  });
}

/** Whether a file is one that is being written, or that a process was killed over. */
export const isPartialName = (name: string): boolean => /^\.atrous-[0-9a-f-]{36}\.partial$/.test(name);

/** Removes what is half written, at once: for a process that ends before its writes do. */
export function removePartialFiles(): void {
  for (const partial of partialFiles) rmSync(partial, { recursive: true, force: true });
  partialFiles.clear();
}

/** Writes the pieces to `file`; errors speak of `path`. */
async function fill(
  file: string,
  path: string,
  mode: 'w' | 'wx',
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const handle: FileHandle = await open(file, mode).catch(explain(path));
  try {
    for await (const piece of pieces) await handle.writeFile(piece).catch(explain(path));
  } finally {
    await handle.close().catch(explain(path));
  }
}

const explain = (path: string) => (cause: NodeJS.ErrnoException) => {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
    throw new AtrousError('runtime', `${path}: not written: no space left on the disk`, { cause });
  throw new AtrousError('input', `${path}: cannot be written: ${messageOf(cause)}`, { cause });
};
