import { AtrousError, sizeOf } from '@atrous/tensor';
import { clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { joined } from '../joined.ts';
import { checkedSize, type Located, locatedCheckpoint } from '../located.ts';
import type { ModelFiles } from '../model_files.ts';
import { windowed } from '../windowed.ts';
import { tfjsDType, unreadableSizes } from './dtypes.ts';
import { type ManifestGroup, type ManifestWeight, readManifest } from './manifest.ts';

/** Of a `model.json` with its topology, in bytes; those of large networks have 2 MB. */
const largestManifest = 1 << 24;
const mostTensors = 200_000;

/**
 * The weights of a TensorFlow.js model (layers or graph), by its `model.json` or by a manifest of weights alone, and the
 * files beside it that hold them. Quantised weights become what they were; those in 16 bits stay float16.
 * @throws AtrousError `format` that names the weight or the file that is missing
 */
export async function openTfjs(bytes: ByteSource, files: ModelFiles): Promise<Checkpoint> {
  const fail: Fail = (why, cause) => {
    throw new AtrousError('format', `${bytes.name}: not a sound TensorFlow.js model: ${why}`, { cause });
  };
  if (bytes.size > largestManifest)
    fail(`it has ${bytes.size} bytes, at most ${largestManifest} are allowed`);
  const text = new TextDecoder().decode(await readExactly(bytes, 0, bytes.size));
  const { groups, metadata } = readManifest(text, fail);
  const tensors = new Map<string, Located>();
  for (const group of groups) {
    const data = await openShards(group, files, fail);
    for (const [name, located] of await locateGroup(group, data, fail)) {
      if (tensors.has(name)) fail(`two weights are named ${clip(name)}`);
      tensors.set(name, located);
    }
    if (tensors.size > mostTensors) fail(`it has more than ${mostTensors} weights`);
  }
  return locatedCheckpoint(bytes.name, tensors, metadata);
}

/** The files of a group as one. */
async function openShards({ paths }: ManifestGroup, files: ModelFiles, fail: Fail): Promise<ByteSource> {
  const shards: ByteSource[] = [];
  for (const path of paths) {
    const shard = await files.open(path);
    shards.push(
      shard ??
        fail(`its file ${clip(path)} is missing: put it beside model.json, or choose all files together`),
    );
  }
  return joined(shards, paths.map((path) => clip(path)).join(' + '));
}

/** Where each weight of a group lies: one after the other, without gaps. */
async function locateGroup(
  { weights }: ManifestGroup,
  data: ByteSource,
  fail: Fail,
): Promise<[string, Located][]> {
  const found: [string, Located][] = [];
  let at = 0;
  for (const weight of weights) {
    const failHere: Fail = (why, cause) => fail(`${clip(weight.name)}: ${why}`, cause);
    const located = await locate(weight, data, at, failHere);
    at += located.storedBytes;
    if (at > data.size)
      failHere(`its data ends at byte ${at}, ${clip(data.name)} has ${data.size}: fetch it again`);
    found.push([weight.name, located]);
  }
  if (at !== data.size)
    fail(
      `its weights take ${at} bytes, ${clip(data.name) || 'no files'} ${data.size}: files of another model?`,
    );
  return found;
}

async function locate(
  { name, shape, dtype, quantization }: ManifestWeight,
  data: ByteSource,
  begin: number,
  fail: Fail,
): Promise<Located> {
  const kind = tfjsDType(dtype, quantization);
  if (kind) {
    const size = checkedSize(shape, kind, fail);
    return { shape, dtype, kind, storedBytes: size, readElements: () => readExactly(data, begin, size) };
  }
  const readElements = () => fail(`${clip(name)} cannot be read`);
  if (dtype === 'string') {
    const storedBytes = await sizeOfTexts(sizeOf(shape), windowed(data), begin, fail);
    return { shape, dtype, storedBytes, readElements };
  }
  if (!Object.hasOwn(unreadableSizes, dtype) || quantization)
    fail(
      `its dtype is ${clip(dtype)}${quantization ? ` in ${quantization.dtype}` : ''}, expected float32, float16, int32, bool, string or complex64`,
    );
  return { shape, dtype, storedBytes: sizeOf(shape) * unreadableSizes[dtype], readElements };
}

/** What texts take: each has its length in 4 bytes before it. */
async function sizeOfTexts(count: number, data: ByteSource, begin: number, fail: Fail): Promise<number> {
  let at = begin;
  for (let i = 0; i < count; i++) {
    if (at + 4 > data.size) fail(`its texts end after ${i} of ${count}: fetch the files again`);
    const length = await readExactly(data, at, 4);
    at += 4 + new DataView(length.buffer, length.byteOffset, 4).getUint32(0, true);
  }
  return at - begin;
}
