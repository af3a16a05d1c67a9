import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { locateModel } from './options.ts';

/** The files that a model on this machine is read from, its folder first: what no output may overwrite. */
export function modelInputs(model: string): string[] {
  const path = locateModel(model);
  if (!existsSync(path)) return []; // a package that is not ours, or a URL
  return statSync(path).isDirectory() ? [path, ...readdirSync(path).map((name) => join(path, name))] : [path];
}

/** The files that saving a model folder may write. */
export const modelFolderFiles = (folder: string): string[] =>
  ['config.json', 'model.safetensors', 'model.fp16.safetensors', 'model.int8.safetensors'].map((file) =>
    join(folder, file),
  );
