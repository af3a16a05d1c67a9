import { clip } from '../brief.ts';
import type { ByteSource } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import type { ModelFiles } from '../model_files.ts';

const digits = (number: number): string => String(number).padStart(5, '0');

/** The data files of a checkpoint, each opened when the first tensor in it is found. */
export function dataFiles(
  prefix: string,
  shards: number,
  files: ModelFiles,
  fail: Fail,
): (shard: number) => Promise<ByteSource> {
  const opened = new Map<number, Promise<ByteSource>>();
  const open = async (shard: number): Promise<ByteSource> => {
    if (shard >= shards)
      fail(`a tensor lies in data file ${shard}, expected one of ${shards} counted from 0`);
    const name = `${prefix}.data-${digits(shard)}-of-${digits(shards)}`;
    const file = await files.open(name);
    return (
      file ??
      fail(`its data file ${clip(name)} is missing: put it beside the index, or choose all files together`)
    );
  };
  return (shard) => {
    const file = opened.get(shard) ?? open(shard);
    opened.set(shard, file);
    return file;
  };
}

/** The prefix that a data file's name begins with; undefined where the name is none of a data file. */
export function dataPrefix(name: string): string | undefined {
  return /^(.+)\.data-\d{5}-of-\d{5}$/.exec(name)?.[1];
}
