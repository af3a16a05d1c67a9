import { AtrousError } from '@atrous/tensor';
import { brief } from '../brief.ts';
import { type FileDType, fileDTypes } from '../dtypes.ts';
import type { Fail } from '../fail.ts';
import { readChunks } from './chunks.ts';
import { countOf, readDataspace } from './dataspace.ts';
import { type Datatype, readDatatype } from './datatype.ts';
import type { Hdf5File } from './file.ts';
import { type Filter, readFilters } from './filters.ts';
import { type Layout, readLayout } from './layout.ts';
import { type Message, messageType } from './object_header.ts';

/** Deflate makes at most so many bytes of one: nothing that a file holds is larger than that times the file. */
const largestRatio = 1032;

/** A tensor as its header describes it. */
export interface Dataset {
  readonly shape: readonly number[];
  readonly datatype: Datatype;
  /** In bytes, unpacked. */
  readonly size: number;
  readonly layout: Layout;
  readonly filters: readonly Filter[];
}

/** Reads a dataset's header. undefined where the object is none. @throws AtrousError `format` */
export function readDataset(file: Hdf5File, messages: readonly Message[]): Dataset | undefined {
  const find = (type: number) => messages.find((message) => message.type === type);
  const layout = find(messageType.layout);
  const type = find(messageType.datatype);
  const space = find(messageType.dataspace);
  if (!layout || !type || !space) return undefined;
  if (type.isShared || space.isShared)
    return file.fail('a tensor uses a named datatype, which is not read: write it again with a plain one');
  if (find(messageType.externalFiles)) return file.fail('a tensor lies in another file, which is not read');
  const datatype = readDatatype(type.open());
  const shape = readDataspace(space.open()) ?? [0];
  const size = countOf(shape, file.fail) * datatype.size;
  if (size > file.size * largestRatio)
    file.fail(
      `a tensor of shape ${brief(shape)} takes ${size} bytes, more than a file of ${file.size} can hold`,
    );
  const filters = find(messageType.filters);
  return {
    shape,
    datatype,
    size,
    layout: readLayout(layout.open()),
    filters: filters ? readFilters(filters.open()) : [],
  };
}

/**
 * How a dataset's elements are read; undefined for what are no numbers. @param isBfloat16 Keras writes bfloat16 as 2 bytes of no
 * type, and says so in an attribute
 */
export function dtypeOf({ datatype }: Dataset, isBfloat16: boolean): FileDType | undefined {
  if (datatype.kind === 'number') return fileDTypes[datatype.dtype];
  return datatype.kind === 'bytes' && datatype.size === 2 && isBfloat16 ? fileDTypes.BF16 : undefined;
}

/** What a dataset's elements are, in words. */
export function elementName({ datatype }: Dataset): string {
  if (datatype.kind === 'number') return datatype.dtype;
  return datatype.kind === 'other' ? datatype.what : datatype.kind;
}

/** The elements of a dataset, the lowest byte of each first. @param name for errors. @throws AtrousError `format` */
export async function readElements(file: Hdf5File, dataset: Dataset, name: string): Promise<Uint8Array> {
  const bytes = await readBytes(file, dataset, (why): never => {
    throw new AtrousError('format', `${file.name}: ${name}: ${why}`);
  });
  const { datatype } = dataset;
  return datatype.kind === 'number' && datatype.isBigEndian ? swapped(bytes, datatype.size) : bytes;
}

async function readBytes(
  file: Hdf5File,
  { layout, size, shape, datatype, filters }: Dataset,
  fail: Fail,
): Promise<Uint8Array> {
  switch (layout.kind) {
    case 'compact':
      if (layout.bytes.byteLength < size)
        fail(`its header holds ${layout.bytes.byteLength} bytes, its shape takes ${size}`);
      return layout.bytes.subarray(0, size);
    case 'contiguous':
      if (size === 0) return new Uint8Array(0);
      if (layout.address === undefined) return fail('it was never written');
      if (layout.size < size) fail(`it has ${layout.size} bytes in the file, its shape takes ${size}`);
      return file.data(layout.address, size);
    case 'chunked':
      return readChunks(file, { ...layout, shape, size, bytesPerElement: datatype.size, filters }, fail);
    default:
      return fail(layout.why);
  }
}

/** A copy with the bytes of each element in reverse. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let at = 0; at < copy.byteLength; at += width) copy.subarray(at, at + width).reverse();
  return copy;
}
