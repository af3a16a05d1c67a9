import { brief } from '../brief.ts';
import type { Fail } from '../fail.ts';
import type { Hdf5File } from './file.ts';
import { type Filter, unpackChunk } from './filters.ts';
import { leavesOf } from './group.ts';

/** A dataset that lies in chunks. */
export interface ChunkedData {
  readonly address: number | undefined;
  readonly chunk: readonly number[];
  readonly shape: readonly number[];
  /** Of all of it, in bytes. */
  readonly size: number;
  readonly bytesPerElement: number;
  readonly filters: readonly Filter[];
}

/** Puts chunks together. */
export async function readChunks(
  file: Hdf5File,
  { address, chunk, shape, size, bytesPerElement, filters }: ChunkedData,
  fail: Fail,
): Promise<Uint8Array> {
  const all = new Uint8Array(size);
  if (size === 0) return all;
  if (address === undefined) return fail('it was never written');
  const fits = chunk.length === shape.length && chunk.every((side, axis) => side > 0 && side <= shape[axis]);
  if (!fits) return fail(`its chunks of ${brief(chunk)} do not fit into its shape ${brief(shape)}`);
  const chunkSize = chunk.reduce((product, side) => product * side, bytesPerElement);
  const seen = new Set<string>();
  const kind = 1;
  const keySize = 8 + 8 * (shape.length + 1);
  for await (const { key, child } of leavesOf(file, address, kind, keySize)) {
    const packedSize = key.uint(4);
    const skipped = key.uint(4);
    const origin = shape.map(() => key.uint(8));
    const isOnGrid = origin.every((at, axis) => at < shape[axis] && at % chunk[axis] === 0);
    if (!isOnGrid || seen.has(origin.join()))
      fail(`a chunk lies at ${brief(origin)}, outside of the others' grid`);
    seen.add(origin.join());
    const bytes = await unpackChunk(
      await file.data(child, packedSize),
      filters,
      skipped,
      { size: chunkSize, bytesPerElement, name: file.name },
      fail,
    );
    placeChunk(all, shape, bytes, chunk, origin, bytesPerElement);
  }
  const expected = shape.reduce((product, side, axis) => product * Math.ceil(side / chunk[axis]), 1);
  if (seen.size !== expected) fail(`only ${seen.size} of its ${expected} chunks were written`);
  return all;
}

/** Copies a chunk's rows (its last axis) to where they belong; chunks at the end reach past it. */
function placeChunk(
  all: Uint8Array,
  shape: readonly number[],
  bytes: Uint8Array,
  chunk: readonly number[],
  origin: readonly number[],
  bytesPerElement: number,
): void {
  const last = shape.length - 1;
  const rowLength = chunk[last];
  const copied = Math.min(rowLength, shape[last] - origin[last]);
  const rows = bytes.byteLength / (rowLength * bytesPerElement);
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let target = origin[last];
    let stride = shape[last];
    let isInside = true;
    for (let axis = last - 1; axis >= 0; axis--) {
      const at = origin[axis] + (rest % chunk[axis]);
      rest = Math.floor(rest / chunk[axis]);
      isInside &&= at < shape[axis];
      target += at * stride;
      stride *= shape[axis];
    }
    const source = row * rowLength * bytesPerElement;
    if (isInside)
      all.set(bytes.subarray(source, source + copied * bytesPerElement), target * bytesPerElement);
  }
}
