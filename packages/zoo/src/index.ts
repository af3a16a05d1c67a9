import { blobBytes } from '@atrous/checkpoint';
import { AtrousError } from '@atrous/tensor';
import { blobFiles, type ModelFiles, type UrlOptions, urlFiles } from './files.ts';
import { type LoadCheckpointOptions, type LoadedModel, loadCheckpoint } from './load.ts';
import { type LoadFolderOptions, loadCheckpointFile, loadModelFiles } from './load_files.ts';

export * from './exports.ts';

/** A folder's URL, the URL of each file, or files that somebody chose. */
export type ModelLocation =
  | string
  | URL
  | Readonly<Record<string, string | URL>>
  | readonly File[]
  | ModelFiles;

export type LoadModelOptions = LoadFolderOptions & UrlOptions & Partial<LoadCheckpointOptions>;

/** Where a model lies, as its files. */
export function modelFiles(location: ModelLocation, options: UrlOptions = {}): ModelFiles {
  if (Array.isArray(location)) return blobFiles(location as File[]);
  if (typeof location === 'object' && 'open' in location && typeof location.open === 'function') {
    return location as ModelFiles;
  }
  return urlFiles(location as string | URL | Record<string, string>, options);
}

/**
 * A model from a folder's URL or files; or, with `network`, from a bare checkpoint.
 * @example await loadModel('/models/people/')
 * @example await loadModel([file], { network: 'xception41' })
 */
export async function loadModel(
  location: ModelLocation,
  options: LoadModelOptions = {},
): Promise<LoadedModel> {
  if (options.network === undefined) return loadModelFiles(modelFiles(location, options), options);
  const checkpoint = { ...options, network: options.network };
  if (Array.isArray(location)) {
    if (location.length !== 1)
      throw new AtrousError('input', `a checkpoint is one file, got ${location.length}`);
    return loadCheckpoint(blobBytes(location[0], location[0].name), checkpoint);
  }
  if (typeof location !== 'string' && !(location instanceof URL)) {
    throw new AtrousError('input', 'a checkpoint is one file or one URL');
  }
  return loadCheckpointFile(urlFiles({ checkpoint: location }, options), 'checkpoint', checkpoint);
}
