import { messageOf } from '@atrous/tensor';
import { brief, clip } from '../brief.ts';
import { type Fail, isCount } from '../fail.ts';
import { parseJson } from '../json.ts';
import { isNameBelow } from '../model_files.ts';

/** What says in which file each tensor lies, as Hugging Face's libraries write it. */
export interface ShardIndex {
  /** The file of each tensor, by its name. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** Of all tensors together, in bytes. */
  readonly totalSize?: number;
  /** What else `metadata` says, as text. */
  readonly metadata: Readonly<Record<string, string>>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads and checks an index: names of files stay beside it, sizes are whole numbers. */
export function readShardIndex(text: string, fail: Fail): ShardIndex {
  const { weight_map: weightMap, metadata = {} } = parseIndex(text, fail);
  if (!isObject(weightMap)) fail(`weight_map is ${brief(weightMap)}, expected an object of file names`);
  if (!isObject(metadata)) fail(`metadata is ${brief(metadata)}, expected an object`);
  const files = Object.entries(weightMap as Record<string, unknown>);
  if (files.length === 0) fail('weight_map is empty, expected the file of each tensor');
  for (const [name, file] of files) {
    if (typeof file !== 'string' || !isNameBelow(file))
      fail(`${clip(name)} lies in ${brief(file)}, expected the name of a file beside the index`);
  }
  const { total_size: totalSize, ...others } = metadata as Record<string, unknown>;
  if (totalSize !== undefined && !isCount(totalSize))
    fail(`total_size is ${brief(totalSize)}, expected a whole number`);
  const texts = Object.entries(others).map(([key, value]) => [
    key,
    typeof value === 'string' ? value : brief(value),
  ]);
  return {
    weightMap: new Map(files as [string, string][]),
    totalSize,
    metadata: Object.fromEntries(texts),
  };
}

function parseIndex(text: string, fail: Fail): Record<string, unknown> {
  let index: unknown;
  try {
    index = parseJson(text);
  } catch (error) {
    fail(`it is not sound JSON (${messageOf(error)})`, error);
  }
  return isObject(index) ? index : fail('it is not a JSON object');
}
