import { AtrousError } from '@atrous/tensor';
import { clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { ModelFiles } from '../model_files.ts';
import { openCheckpoint } from '../open.ts';
import { readShardIndex } from './shard_index.ts';

/** Of an index, in bytes: 200,000 names. */
const largestIndex = 1 << 24;

/**
 * Opens the shards that `model.safetensors.index.json` or `pytorch_model.bin.index.json` names, and reads each tensor
 * from the one in which it lies.
 * @param files those beside the index
 * @throws AtrousError `format` for a shard or tensor that is missing, or shards of another size than the index says
 */
export async function openShards(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  const fail = (why: string, cause?: unknown): never => {
    throw new AtrousError('format', `${bytes.name}: not a sound shard index: ${why}`, { cause });
  };
  if (bytes.size > largestIndex) fail(`it has ${bytes.size} bytes, at most ${largestIndex} are allowed`);
  const text = new TextDecoder().decode(await readExactly(bytes, 0, bytes.size));
  const { weightMap, totalSize, metadata } = readShardIndex(text, fail);

  const shards = new Map<string, Checkpoint>();
  const names = new Map<string, ReadonlySet<string>>();
  for (const file of new Set(weightMap.values())) {
    const shard = await openShard(bytes, file, files);
    shards.set(file, shard);
    names.set(file, new Set(shard.names));
  }
  for (const [name, file] of weightMap)
    if (!names.get(file)?.has(name)) fail(`${clip(name)} is not in ${clip(file)}, where it should lie`);
  const storedBytes = sumOf([...shards.values()].map((shard) => shard.storedBytes));
  if (totalSize !== undefined && storedBytes !== undefined && totalSize !== storedBytes)
    fail(`its tensors take ${totalSize} bytes, those of the shards ${storedBytes}: fetch all files again`);

  const shardOf = (name: string): Checkpoint => {
    const shard = shards.get(weightMap.get(name) ?? '');
    if (!shard) throw new AtrousError('weights', `${bytes.name}: weight "${name}" is missing`);
    return shard;
  };
  return {
    names: [...weightMap.keys()],
    metadata,
    storedBytes,
    spec: (name) => shardOf(name).spec(name),
    read: async (name) => shardOf(name).read(name),
  };
}

/** A shard is a checkpoint by itself: it finds no other files, so that no index can name itself. */
async function openShard(index: ByteSource, file: string, files: ModelFiles): Promise<Checkpoint> {
  const shard = await files.open(file);
  if (shard) return openCheckpoint(shard);
  throw new AtrousError(
    'format',
    `${index.name}: its shard ${clip(file)} is missing: put it beside the index, or choose all files together`,
  );
}

/** Undefined where one of them is. */
function sumOf(numbers: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const number of numbers) {
    if (number === undefined) return undefined;
    sum += number;
  }
  return sum;
}
