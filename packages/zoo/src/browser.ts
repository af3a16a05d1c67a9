import { blobBytes, fileListFiles, type ModelFiles, mainFile } from '@atrous/checkpoint';
import { AtrousError } from '@atrous/tensor';
import { blobFiles, type UrlOptions, urlFiles } from './files.ts';
import { type LoadCheckpointOptions, type LoadedModel, loadCheckpoint } from './load.ts';
import { type LoadFolderOptions, loadCheckpointFile, loadModelFiles } from './load_files.ts';
import type { ModelFolder } from './model_folder.ts';

export * from './exports.ts';

/** A folder's URL, the URL of each file, or files that somebody chose. */
export type ModelLocation =
  | string
  | URL
  | Readonly<Record<string, string | URL>>
  | readonly File[]
  | ModelFolder;

export type LoadModelOptions = LoadFolderOptions & UrlOptions & Partial<LoadCheckpointOptions>;

/** Where a model lies, as its files. */
export function modelFiles(location: ModelLocation, options: UrlOptions = {}): ModelFolder {
  if (Array.isArray(location)) return blobFiles(location as File[]);
  if (typeof location === 'object' && 'open' in location && typeof location.open === 'function') {
    return location as ModelFolder;
  }
  return urlFiles(location as string | URL | Record<string, string>, options);
}

/** What a checkpoint's file is called, so that a URL of one is not taken for a folder's. */
export const checkpointName: RegExp =
  /\.(safetensors|pth|pt|bin|ckpt|tar|gz|tgz|pkl|h5|hdf5|keras|onnx|pb|index|json|meta)(\.index\.json)?$/i;

const isCheckpointUrl = (location: ModelLocation): location is string | URL =>
  (typeof location === 'string' || location instanceof URL) &&
  checkpointName.test(new URL(String(location), 'http://localhost').pathname) &&
  !/\/config\.json$/.test(new URL(String(location), 'http://localhost').pathname);

/**
 * A model from a folder's URL or files; or from a bare checkpoint, whose network is recognised.
 * @example await loadModel('/models/people/')
 * @example await loadModel('/weights/deeplabv3_resnet50_coco.pth')
 * @example await loadModel([file], { network: 'xception41' })
 */
export async function loadModel(location: ModelLocation, given: LoadModelOptions = {}): Promise<LoadedModel> {
  const options: LoadModelOptions = { platform: 'browser', ...given };
  if (Array.isArray(location)) {
    const files = location as readonly File[];
    const isFolder = files.some(({ name }) => name === 'config.json' || name.endsWith('/config.json'));
    return isFolder && options.network === undefined
      ? loadModelFiles(modelFiles(files, options), options)
      : loadChosenFiles(files, options);
  }
  if (options.network === undefined && !isCheckpointUrl(location)) {
    return loadModelFiles(modelFiles(location, options), options);
  }
  if (typeof location !== 'string' && !(location instanceof URL)) {
    throw new AtrousError('input', 'a checkpoint is one file or one URL');
  }
  return loadCheckpointUrl(String(location), options);
}

/** A checkpoint that somebody chose: one file, or shards and what names them. */
async function loadChosenFiles(files: readonly File[], options: LoadModelOptions): Promise<LoadedModel> {
  const main = mainFile(
    files.map(({ name }) => name),
    'the files given',
  );
  const file = files.find(({ name }) => name === main)!;
  return loadCheckpoint(blobBytes(file, file.name), options, fileListFiles(files));
}

/** A checkpoint at a URL, and what it names beside it. */
function loadCheckpointUrl(url: string, options: LoadModelOptions): Promise<LoadedModel> {
  const [address, query = ''] = url.split(/(?=\?)/);
  const slash = address.lastIndexOf('/') + 1;
  const beside = urlFiles(address.slice(0, slash) + query, options);
  const siblings: ModelFiles = {
    names: [],
    open: (name) =>
      beside.open(name, { signal: options.signal }).catch((error: unknown) => {
        if (error instanceof AtrousError && error.code === 'not-found') return undefined;
        throw error;
      }),
  };
  return loadCheckpointFile(urlFiles({ checkpoint: url }, options), 'checkpoint', options, siblings);
}
