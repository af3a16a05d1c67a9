import { brief } from '../brief.ts';
import { memoryBytes } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { readFields } from '../protobuf/fields.ts';
import { bytesFields, countOf, integerOf, lastField } from '../protobuf/values.ts';
import { readShape } from './shape.ts';
import { type Extent, readSlice } from './slices.ts';

// Field numbers of tensor_bundle.proto.
const header = { shards: 1, endianness: 2 };
const entry = { dtype: 1, shape: 2, shard: 3, offset: 4, size: 5, checksum: 6, slices: 7 };

/** Where a tensor lies among the data files of a checkpoint: a `BundleEntryProto`. */
export interface BundleEntry {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Which of the data files. */
  readonly shard: number;
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  /** Masked CRC-32C of its bytes. */
  readonly checksum: number;
  /** Of a variable in parts: an extent for each axis. The parts have entries of their own, and it has no data. */
  readonly slices: readonly (readonly Extent[])[];
}

/** How many data files there are: what the entry of the empty key says. */
export async function readBundleHeader(value: Uint8Array | undefined, fail: Fail): Promise<number> {
  if (!value) return fail('it has no header');
  const bytes = memoryBytes(value, 'header');
  const fields = await readFields(bytes, { begin: 0, end: value.length }, fail);
  if (lastField(fields, header.shards, 'bytes'))
    return fail(
      'it is a checkpoint of version 1, expected version 2: load it in TensorFlow and save it with tf.train.Saver',
    );
  if (integerOf(fields, header.endianness) !== 0n)
    return fail('it was written on a machine whose highest byte comes first, expected the lowest first');
  const shards = countOf(fields, header.shards, 'the number of data files', fail);
  const mostShards = 99_999; // five digits in their names
  return shards >= 1 && shards <= mostShards
    ? shards
    : fail(`it has ${shards} data files, expected 1 to 99999`);
}

export async function readBundleEntry(value: Uint8Array, fail: Fail): Promise<BundleEntry> {
  const bytes = memoryBytes(value, 'entry');
  const fields = await readFields(bytes, { begin: 0, end: value.length }, fail);
  const slices: Extent[][] = [];
  for (const span of bytesFields(fields, entry.slices)) slices.push(await readSlice(bytes, span, fail));
  const count = (number: number, what: string) => countOf(fields, number, what, fail);
  return {
    dtype: count(entry.dtype, 'its dtype'),
    shape: await readShape(bytes, lastField(fields, entry.shape), fail),
    shard: count(entry.shard, 'its data file'),
    offset: count(entry.offset, 'its place'),
    size: count(entry.size, 'its size'),
    checksum: Number(lastField(fields, entry.checksum, 'fixed')?.value ?? 0n),
    slices,
  };
}

/** The entries of the parts of a variable, in order along the one axis that it is cut along. */
export function partsOf(
  { shape, slices }: BundleEntry,
  partOf: (extents: readonly Extent[]) => BundleEntry | undefined,
  fail: Fail,
): { readonly axis: number; readonly parts: readonly BundleEntry[] } {
  if (shape.length === 0 || slices.some((slice) => slice.length !== shape.length))
    fail(`its parts do not have the axes of its shape ${brief(shape)}`);
  const whole = (extent: Extent, axis: number): boolean =>
    extent === null || (extent.start === 0 && extent.length === shape[axis]);
  const cut = shape.map((_, axis) => slices.some((slice) => !whole(slice[axis], axis)));
  if (cut.filter(Boolean).length > 1)
    fail('it is in parts along several axes, expected one: save it whole in TensorFlow');
  const axis = Math.max(0, cut.indexOf(true));
  const startOf = (slice: readonly Extent[]): number => slice[axis]?.start ?? 0;
  const inOrder = [...slices].sort((a, b) => startOf(a) - startOf(b));
  let reached = 0;
  const parts = inOrder.map((slice) => {
    const part =
      partOf(slice) ?? fail(`its part ${brief(slice.map((extent) => extent?.start ?? 0))} is missing`);
    const length = slice[axis]?.length ?? shape[axis];
    const expected = shape.with(axis, length);
    if (startOf(slice) !== reached || part.shape.join() !== expected.join())
      fail(
        `its part at ${startOf(slice)} has the shape ${brief(part.shape)}, expected ${brief(expected)} at ${reached}`,
      );
    reached += length;
    return part;
  });
  if (reached !== shape[axis]) fail(`its parts end at ${reached}, expected ${shape[axis]}`);
  return { axis, parts };
}
