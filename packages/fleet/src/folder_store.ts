import { type Dirent, existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { writeWhole } from '@atrous/checkpoint/node';
import { AtrousError, messageOf } from '@atrous/tensor';
import { isPictureKey, type Store } from './store.ts';

/** A folder that all machines of a fleet have under the same path. */
export function folderStore(location: string): Store {
  const folder = resolve(location);
  const pathOf = (key: string): string => {
    const path = resolve(folder, key);
    if (path.startsWith(folder + sep)) return path;
    throw new AtrousError('input', `${key}: not below ${folder}`);
  };
  return {
    async *pictures() {
      for await (const key of keysBelow(folder, '')) {
        const version = isPictureKey(key) && (await versionOf(pathOf(key)));
        if (version) yield { key, version };
      }
    },
    async read({ key, version }) {
      const path = pathOf(key);
      const found = await versionOf(path);
      if (found === undefined) throw new AtrousError('not-found', `${path}: no such file`);
      if (found !== version)
        throw new AtrousError('integrity', `${path}: changed since it was enqueued: enqueue it again`);
      return new Uint8Array(await readFile(path));
    },
    has: async (key) => existsSync(pathOf(key)),
    async write(key, bytes) {
      const path = pathOf(key);
      if (existsSync(path)) return false;
      await writeWhole(path, bytes);
      return true;
    },
  };
}

const versionOf = (path: string): Promise<string | undefined> =>
  stat(path).then(
    (found) => (found.isFile() ? `${found.size}-${Math.round(found.mtimeMs)}` : undefined),
    () => undefined,
  );

async function* keysBelow(folder: string, prefix: string): AsyncGenerator<string> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(folder, prefix), { withFileTypes: true });
  } catch (cause) {
    throw new AtrousError('input', `${join(folder, prefix)}: ${messageOf(cause)}`, { cause });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const key = prefix + entry.name;
    if (entry.isDirectory()) yield* keysBelow(folder, `${key}/`);
    else yield key;
  }
}
