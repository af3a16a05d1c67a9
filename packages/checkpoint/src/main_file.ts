import { AtrousError } from '@atrous/tensor';
import { briefList } from './brief.ts';
import type { ModelFiles } from './model_files.ts';

/**
 * What a checkpoint of several files is opened by, and which of several copies is taken. The first row that a name fits
 * counts: the graph that infers before the training's checkpoint that it came from, indices before the files that they
 * name, what is read by its headers alone before the rest.
 */
const ranks: readonly RegExp[] = [
  /(^|\/)frozen_inference_graph\.pb$/i,
  /\.safetensors\.index\.json$/i,
  /\.safetensors$/i,
  /\.bin\.index\.json$/i,
  /\.(keras|h5|hdf5)$/i,
  /\.(pth|pt|ckpt|pkl|pth\.tar)$/i,
  /(^|\/)model\.json$/i,
  /manifest\.json$/i,
  /\.index$/i,
  /(^|\/)checkpoint$/,
  /\.onnx$/i,
  /\.pb$/i,
  /(^|\/)(?!config\.json$)[^/]*\.json$/i,
  /\.bin$/i,
  /\.data-\d{5}-of-\d{5}$/,
];

/** Files that systems leave behind, and that nobody means. */
const isHidden = (name: string): boolean => /(^|\/)(\.|__MACOSX\/)/.test(name);

/**
 * Of several files, the one that a checkpoint is opened by.
 * @param where what holds them, for messages
 * @throws AtrousError `format` that says what is missing: a checkpoint, an index of shards, or a choice
 */
export function mainFile(names: readonly string[], where: string): string {
  const seen = names.filter((name) => !isHidden(name));
  if (seen.length === 1) return expectWhole(seen[0], where);
  for (const rank of ranks) {
    const found = seen.filter((name) => rank.test(name));
    if (found.length === 0) continue;
    for (const name of found) expectWhole(name, where);
    if (found.length === 1) return found[0];
    const list = briefList(found, 8).join(', ');
    throw new AtrousError('format', `${where}: several checkpoints: ${list}: give one of them`);
  }
  const list = briefList(seen, 8).join(', ') || 'no files';
  throw new AtrousError('format', `${where}: none of its files is a checkpoint: ${list}`);
}

/** Shards say in their names that they are parts; what names them all was not given. */
function expectWhole(name: string, where: string): string {
  const [, shard, count, ending] = /-(\d{5})-of-(\d{5})(\.\w+)$/.exec(name) ?? [];
  if (ending) {
    throw new AtrousError(
      'format',
      `${where}: ${name} is shard ${Number(shard)} of ${Number(count)}; their index (a name that ends in ${ending}.index.json) is missing: give all of them together`,
    );
  }
  if (/-shard\d+of\d+(\.bin)?$/.test(name)) {
    throw new AtrousError(
      'format',
      `${where}: ${name} is a shard of a TensorFlow.js model, whose model.json is missing: give all of its files together`,
    );
  }
  return name;
}

/** The files of the folder that a file lies in, by their names from there. */
export function filesBeside(files: ModelFiles, name: string): ModelFiles {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  return {
    names: files.names.flatMap((one) => (one.startsWith(folder) ? [one.slice(folder.length)] : [])),
    open: (beside) => files.open(folder + beside),
  };
}
