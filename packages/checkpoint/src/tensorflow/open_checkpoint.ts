import { AtrousError } from '@atrous/tensor';
import { brief, clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { baseName, isNameBelow, type ModelFiles } from '../model_files.ts';
import { openBundle } from './bundle.ts';
import { dataPrefix } from './data_files.ts';

const indexSuffix = '.index';
const largestState = 1 << 20;

/**
 * Opens a checkpoint by its index, e.g. `model.ckpt-1000.index`. Data files have the index's name; where it has another
 * name than it was written with, those of the one checkpoint beside it are taken.
 */
export async function openTensorFlowIndex(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  const name = baseName(bytes.name);
  if (name.endsWith(indexSuffix)) return openBundle(bytes, name.slice(0, -indexSuffix.length), files);
  const prefixes = new Set(files.names.map(dataPrefix).filter((prefix) => prefix !== undefined));
  const [only] = prefixes;
  return openBundle(bytes, prefixes.size === 1 ? only : name, files);
}

/** Opens the checkpoint whose name the file `checkpoint` says, which lies beside it. */
export async function openTensorFlowState(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  const text = new TextDecoder().decode(await readExactly(bytes, 0, Math.min(bytes.size, largestState)));
  const quoted = /^model_checkpoint_path:\s*"((?:[^"\\\n]|\\.)*)"/m.exec(text)?.[1];
  if (quoted === undefined)
    throw new AtrousError(
      'format',
      `${bytes.name}: expected model_checkpoint_path: "…", got ${brief(text)}: open the index (.index) itself`,
    );
  const path = quoted.replace(/\\(.)/g, '$1');
  // Paths are those of the machine that wrote the file: of others than relative ones the name is what counts.
  return openBeside(bytes, isNameBelow(path) ? path : baseName(path), files);
}

/** Opens the checkpoint that a data file belongs to: its index lies beside it. */
export async function openTensorFlowData(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  const name = baseName(bytes.name);
  return openBeside(bytes, dataPrefix(name) ?? name, files);
}

/** Opens the variables of a SavedModel; its graph is not read. @param files those of its folder */
export async function openSavedModel(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  return openBeside(bytes, 'variables/variables', files);
}

/** @param prefix of the checkpoint's files */
async function openBeside(bytes: ByteSource, prefix: string, files: ModelFiles): Promise<Checkpoint> {
  const index = await files.open(`${prefix}${indexSuffix}`);
  if (index) return openBundle(index, prefix, files);
  throw new AtrousError(
    'format',
    `${bytes.name}: its weights lie in ${clip(prefix)}${indexSuffix}, which is missing: give it and its data files, too`,
  );
}
