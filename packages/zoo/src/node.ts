import { createHash, randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fileBytes, siblingFiles, writePieces } from '@atrous/checkpoint/node';
import { AtrousError } from '@atrous/tensor';
import {
  type LoadModelOptions,
  loadModel as loadModelAnywhere,
  type ModelLocation,
  modelFiles as modelFilesAnywhere,
} from './browser.ts';
import type { ModelCache } from './cache.ts';
import { type UrlOptions, urlFiles } from './files.ts';
import { verify } from './integrity.ts';
import { type LoadedModel, loadCheckpoint } from './load.ts';
import type { ModelFolder } from './model_folder.ts';
import type { FileSink } from './save.ts';

export { checkpointName } from './browser.ts';
export * from './exports.ts';
export type { LoadModelOptions, ModelLocation };

/** The files of a folder on disk. */
export function folderFiles(folder: string): ModelFolder {
  return {
    name: folder,
    async open(file, options = {}) {
      const bytes = await fileBytes(join(folder, file));
      await verify(bytes, options);
      return bytes;
    },
  };
}

/** Takes a model's files into a folder on disk, which is made. */
export function folderSink(folder: string): FileSink {
  return {
    async write(file, pieces) {
      await mkdir(folder, { recursive: true });
      await writePieces(join(folder, file), { pieces });
    },
  };
}

/** A folder that keeps downloads: the Cache API's methods on disk. */
export function folderCache(
  folder: string = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'atrous'),
): Required<ModelCache> {
  const pathOf = (url: string) => join(folder, createHash('sha256').update(url).digest('hex'));
  return {
    async match(url) {
      const bytes = await readFile(pathOf(url)).catch(() => undefined);
      return bytes && new Response(bytes);
    },
    async put(url, response) {
      await mkdir(folder, { recursive: true });
      const partial = `${pathOf(url)}.partial-${randomUUID()}`;
      try {
        await writeFile(partial, response.body ?? '');
        await rename(partial, pathOf(url));
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    async delete(url) {
      const isKept = existsSync(pathOf(url));
      await rm(pathOf(url), { force: true });
      return isKept;
    },
  };
}

/** The models that ship, by their short names. */
export const shippedModels: Readonly<Record<string, string>> = {
  people: '@atrous/model-people',
  'people-small': '@atrous/model-people-small',
  street: '@atrous/model-street',
};

/** The folder of an installed npm package, or undefined. Looks from the working folder, then from here. */
function packageFolder(name: string): string | undefined {
  for (const from of [pathToFileURL(join(process.cwd(), 'package.json')).href, import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/config.json`));
    } catch {}
  }
  return undefined;
}

const isUrl = (text: string) => /^https?:\/\//.test(text);

/**
 * Where a model lies: besides all that a browser takes, a folder's path, the name of an npm package, or `people`, `people-small` and
 * `street`. URLs are cached in a folder.
 * @throws AtrousError `not-found` that says where was looked
 */
export function modelFiles(location: ModelLocation, options: UrlOptions = {}): ModelFolder {
  if (location instanceof URL && location.protocol === 'file:') return folderFiles(fileURLToPath(location));
  if (typeof location !== 'string') return modelFilesAnywhere(location, { cache: folderCache(), ...options });
  if (isUrl(location)) return urlFiles(location, { cache: folderCache(), ...options });
  const isShipped = Object.hasOwn(shippedModels, location);
  if (!isShipped && existsSync(location)) {
    if (!statSync(location).isDirectory()) {
      throw new AtrousError(
        'input',
        `${location}: a file; a model is a folder with config.json, a bare checkpoint needs a network name`,
      );
    }
    return folderFiles(resolve(location));
  }
  const folder = packageFolder(shippedModels[location] ?? location);
  if (folder) return folderFiles(folder);
  throw new AtrousError(
    'not-found',
    `model "${location}": neither a folder, nor an installed package, nor one of ${Object.keys(shippedModels).join(', ')}` +
      (isShipped ? ` (install ${shippedModels[location]})` : ''),
  );
}

/**
 * A model from a folder, an npm package, a checkpoint's path, a URL or files.
 * @throws AtrousError `not-found` that says where was looked
 * @example await loadModel('@atrous/model-people')
 * @example await loadModel('weights.safetensors')
 */
export async function loadModel(location: ModelLocation, given: LoadModelOptions = {}): Promise<LoadedModel> {
  const options: LoadModelOptions = { platform: 'node', ...given };
  const path = checkpointPath(location, options);
  if (path !== undefined) return loadCheckpoint(await fileBytes(path), options, await siblingFiles(path));
  const isRemote =
    location instanceof URL ? location.protocol !== 'file:' : typeof location === 'string' && isUrl(location);
  if (options.network !== undefined || isRemote) {
    return loadModelAnywhere(location, { cache: folderCache(), ...options });
  }
  return loadModelAnywhere(modelFiles(location, options), options);
}

/** The path of a checkpoint on disk; undefined for a folder, a package, a URL. */
function checkpointPath(location: ModelLocation, { network }: LoadModelOptions): string | undefined {
  const path = location instanceof URL && location.protocol === 'file:' ? fileURLToPath(location) : location;
  if (typeof path !== 'string' || isUrl(path)) return undefined;
  const isFile = existsSync(path) && statSync(path).isFile();
  const isShipped = Object.hasOwn(shippedModels, path);
  return isFile || (network !== undefined && !isShipped) ? path : undefined;
}
