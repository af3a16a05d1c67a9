import { AtrousError, messageOf, type Tensor, type TensorSpec, tensor } from '@atrous/tensor';
import { brief } from '../brief.ts';
import { type FileDType, fileDTypes } from '../dtypes.ts';
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

/** How a tensor is read. */
export interface TensorKind {
  readonly spec: TensorSpec;
  readonly decode: FileDType['decode'];
  readonly isBigEndian: boolean;
  readonly bytesPerElement: number;
}

/**
 * What a dataset becomes; reading what is no number throws. @param isBfloat16 Keras writes bfloat16 as 2 bytes of no type,
 * and says so in an attribute
 */
export function kindOf({ shape, datatype }: Dataset, isBfloat16: boolean): TensorKind {
  const bytesPerElement = datatype.size;
  if (datatype.kind === 'bytes' && isBfloat16 && datatype.size === 2)
    return { ...kindOfNumber('BF16', shape), isBigEndian: false, bytesPerElement };
  if (datatype.kind === 'number')
    return { ...kindOfNumber(datatype.dtype, shape), isBigEndian: datatype.isBigEndian, bytesPerElement };
  const what = datatype.kind === 'other' ? datatype.what : datatype.kind;
  const decode = () => {
    throw new AtrousError(
      'unsupported',
      `${what} cannot be read as weights, expected numbers of up to 64 bits`,
    );
  };
  return { spec: { dtype: 'float32', shape }, decode, isBigEndian: false, bytesPerElement };
}

function kindOfNumber(dtype: string, shape: readonly number[]): Pick<TensorKind, 'spec' | 'decode'> {
  const { becomes, decode } = fileDTypes[dtype];
  return { spec: { dtype: becomes ?? 'float32', shape }, decode };
}

/** Reads a dataset. @param name for errors. @throws AtrousError `format` */
export async function readTensor(
  file: Hdf5File,
  dataset: Dataset,
  { spec, decode, isBigEndian, bytesPerElement }: TensorKind,
  name: string,
): Promise<Tensor> {
  const fail = (why: string): never => {
    throw new AtrousError('format', `${file.name}: ${name}: ${why}`);
  };
  const bytes = await readBytes(file, dataset, fail);
  if (isBigEndian) swapBytes(bytes, bytesPerElement);
  try {
    return tensor(spec.dtype, spec.shape, decode(bytes, dataset.size / bytesPerElement));
  } catch (error) {
    const code = error instanceof AtrousError ? error.code : 'format';
    throw new AtrousError(code, `${file.name}: ${name}: ${messageOf(error)}`, { cause: error });
  }
}

async function readBytes(
  file: Hdf5File,
  { layout, size, shape, datatype, filters }: Dataset,
  fail: (why: string) => never,
): Promise<Uint8Array> {
  switch (layout.kind) {
    case 'compact':
      if (layout.bytes.byteLength < size)
        fail(`its header holds ${layout.bytes.byteLength} bytes, its shape takes ${size}`);
      return layout.bytes.slice(0, size);
    case 'contiguous':
      if (size === 0) return new Uint8Array(0);
      if (layout.address === undefined) return fail('it was never written');
      if (layout.size < size) fail(`it has ${layout.size} bytes in the file, its shape takes ${size}`);
      return ownBytes(await file.data(layout.address, size));
    case 'chunked':
      return readChunks(file, { ...layout, shape, size, bytesPerElement: datatype.size, filters }, fail);
    default:
      return fail(layout.why);
  }
}

/** Bytes that lie in a larger buffer are copied: whoever reads a tensor may write over it, and it must lie aligned. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at + width <= bytes.byteLength; at += width) bytes.subarray(at, at + width).reverse();
}
