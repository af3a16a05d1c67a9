import { AtrousError } from '@atrous/tensor';
import { brief, clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { checkedSize, type Located, locatedCheckpoint } from '../located.ts';
import type { ModelFiles } from '../model_files.ts';
import { type BundleEntry, partsOf, readBundleEntry, readBundleHeader } from './bundle_entries.ts';
import { maskedCrc32c } from './crc32c.ts';
import { dataFiles } from './data_files.ts';
import { stringDType, tensorFlowDType } from './dtypes.ts';
import { objectGraphKey, objectNames } from './object_graph.ts';
import { sliceKey } from './slices.ts';
import { readTable } from './table.ts';

const mostTensors = 200_000;

/**
 * A checkpoint V2 of TensorFlow: an index, and data files that it does not name. Partitioned variables are read as one.
 * Names are those of the variables; of checkpoints that TensorFlow 2 writes by objects, see `objectNames`.
 * @param prefix of the data files' names, with the folder below that of `files`
 * @throws AtrousError `format` that names the variable or the file that is missing
 */
export async function openBundle(index: ByteSource, prefix: string, files: ModelFiles): Promise<Checkpoint> {
  const fail: Fail = (why, cause) => {
    throw new AtrousError('format', `${index.name}: not a sound TensorFlow checkpoint: ${why}`, { cause });
  };
  const table = await readTable(index, fail);
  const data = dataFiles(prefix, await readBundleHeader(table.get(''), fail), files, fail);
  const entries = new Map<string, BundleEntry>();
  if (table.size > mostTensors) fail(`it has more than ${mostTensors} entries`);
  for (const [key, value] of table) {
    if (key !== '') entries.set(key, await readBundleEntry(value, failAt(fail, nameOf(key))));
  }
  checkOverlap(entries, fail);

  const tensors = new Map<string, Located>();
  for (const [key, entry] of entries) {
    if (key === objectGraphKey || key.startsWith('\0')) continue; // parts have keys that begin so
    const name = nameOf(key);
    const failHere = failAt(fail, name);
    const partOf = (extents: BundleEntry['slices'][number]) => entries.get(sliceKey(key, extents));
    const located =
      entry.slices.length === 0
        ? await locate(entry, data, failHere)
        : await locateParts(entry, partOf, data, failHere);
    tensors.set(name, located);
  }
  const graph = entries.get(objectGraphKey);
  const names = graph
    ? await objectNames(graph, await data(graph.shard), [...tensors.keys()], fail)
    : new Map();
  const named = [...tensors].map(([name, located]): [string, Located] => [names.get(name) ?? name, located]);
  return locatedCheckpoint(index.name, new Map(named));
}

const failAt =
  (fail: Fail, name: string): Fail =>
  (why, cause) =>
    fail(`${clip(name)}: ${why}`, cause);

/** Keys are texts whose characters are bytes of UTF-8. */
function nameOf(key: string): string {
  return new TextDecoder().decode(Uint8Array.from(key, (char) => char.charCodeAt(0)));
}

/** Two tensors never share bytes. */
function checkOverlap(entries: ReadonlyMap<string, BundleEntry>, fail: Fail): void {
  const inOrder = [...entries]
    .filter(([, { size }]) => size > 0)
    .sort(([, a], [, b]) => a.shard - b.shard || a.offset - b.offset);
  for (let i = 1; i < inOrder.length; i++) {
    const [[, before], [key, entry]] = [inOrder[i - 1], inOrder[i]];
    if (before.shard === entry.shard && entry.offset < before.offset + before.size)
      failAt(fail, nameOf(key))(`its data begins at ${entry.offset}, within the tensor before it`);
  }
}

async function locate(
  entry: BundleEntry,
  data: (shard: number) => Promise<ByteSource>,
  fail: Fail,
): Promise<Located> {
  const { shape, shard, offset, size, checksum } = entry;
  const { name: dtype, kind } = tensorFlowDType(entry.dtype);
  const file = await data(shard);
  if (offset + size > file.size)
    fail(`its data ends at byte ${offset + size} of ${file.name}, which has ${file.size}: fetch it again`);
  if (kind) {
    const expected = checkedSize(shape, kind, fail);
    if (size !== expected) fail(`its data takes ${size} bytes, ${dtype} ${brief(shape)} ${expected}`);
  }
  return {
    shape,
    dtype,
    kind,
    storedBytes: entry.dtype === stringDType ? 0 : size,
    async readElements() {
      const bytes = await readExactly(file, offset, size);
      if (maskedCrc32c(bytes) !== checksum)
        fail(`its data in ${file.name} does not have its checksum: the file is damaged, fetch it again`);
      return bytes;
    },
  };
}

/** A variable in parts as one tensor. */
async function locateParts(
  entry: BundleEntry,
  partOf: Parameters<typeof partsOf>[1],
  data: (shard: number) => Promise<ByteSource>,
  fail: Fail,
): Promise<Located> {
  const { shape } = entry;
  const { axis, parts } = partsOf(entry, partOf, fail);
  const { name: dtype, kind } = tensorFlowDType(entry.dtype);
  if (!kind || parts.some((part) => part.dtype !== entry.dtype || part.slices.length > 0))
    return fail(`its parts are of other dtypes than it is, or of one that cannot be read (${dtype})`);
  const located = await Promise.all(parts.map((part) => locate(part, data, fail)));
  const size = checkedSize(shape, kind, fail);
  const rows = shape.slice(0, axis).reduce((product, extent) => product * extent, 1);
  return {
    shape,
    dtype,
    kind,
    storedBytes: size,
    async readElements() {
      const whole = new Uint8Array(size);
      let at = 0; // in a row
      for (const part of located) {
        const elements = await part.readElements();
        const width = elements.length / rows;
        for (let row = 0; row < rows; row++)
          whole.set(elements.subarray(row * width, (row + 1) * width), (row * size) / rows + at);
        at += width;
      }
      return whole;
    },
  };
}
