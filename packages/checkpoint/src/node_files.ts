import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AtrousError } from '@atrous/tensor';
import { isNameBelow, type ModelFiles } from './model_files.ts';
import { fileBytes } from './node_bytes.ts';

/** The files of a folder on disk; `open` finds those of its subfolders, too. @throws AtrousError `not-found` */
export async function folderFiles(folder: string): Promise<ModelFiles> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new AtrousError('not-found', `${folder}: no such folder`, { cause });
  });
  return {
    names: entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name),
    async open(name) {
      if (!isNameBelow(name)) return undefined;
      return fileBytes(join(folder, name)).catch((error: AtrousError) => {
        if (error.code === 'not-found') return undefined;
        throw error;
      });
    },
  };
}

/** The files beside one: where a checkpoint finds its shards. @throws AtrousError `not-found` */
export function siblingFiles(path: string): Promise<ModelFiles> {
  return folderFiles(dirname(path));
}
