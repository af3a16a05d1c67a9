import { SparseTensorProtoSchema, TensorProto_DataLocation, TensorProtoSchema } from '@atrous/onnx-schema';
import { sizeOf } from '@atrous/tensor';
import { brief } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { checkedSize, type Located } from '../located.ts';
import { type Field, readFields, type Span } from '../protobuf/fields.ts';
import {
  bytesFields,
  countOf,
  integerOf,
  integersOf,
  lastField,
  textOf,
  toCount,
} from '../protobuf/values.ts';
import { unpackVarints } from '../protobuf/varint.ts';
import { onnxDType, typedList } from './dtypes.ts';
import { readExternal } from './external_data.ts';

const proto = TensorProtoSchema.field;
const sparse = SparseTensorProtoSchema.field;
const none = async () => new Uint8Array(0);

/** Where a model's bytes and those of the files beside it come from. */
export interface OnnxFiles {
  /** The model's, by windows: what headers are read from. */
  readonly headers: ByteSource;
  /** The model's. */
  readonly bytes: ByteSource;
  openFile(location: string): Promise<ByteSource | undefined>;
}

/** An initialiser: its name, and where its numbers lie, which are not read. */
export async function locateTensor(
  files: OnnxFiles,
  span: Span,
  failFor: (name: string) => Fail,
): Promise<{ name: string; located: Located }> {
  const { headers } = files;
  const fields = await readFields(headers, span, failFor(''));
  const name = await textOf(headers, fields, proto.name.number, failFor(''));
  const fail = failFor(name);
  if (fields.some(({ number }) => number === proto.segment.number))
    fail('it is a segment of a tensor, expected a whole one');
  const dims = await integersOf(headers, fields, proto.dims.number, fail);
  const shape = dims.map((extent) => toCount(extent, 'an extent of its shape', fail));
  const number = countOf(fields, proto.dataType.number, 'its dtype', fail);
  const { name: dtype, kind } = onnxDType(number);
  const unreadable = { shape, dtype, storedBytes: 0, readElements: none };
  if (!kind) return { name, located: unreadable };
  const size = checkedSize(shape, kind, fail);
  const readElements = await locateElements(files, fields, { number, shape, size }, fail);
  return { name, located: { shape, dtype, kind, storedBytes: size, readElements } };
}

/** A sparse initialiser has a name and a shape, and cannot be read. */
export async function locateSparse(
  { headers }: OnnxFiles,
  span: Span,
  failFor: (name: string) => Fail,
): Promise<{ name: string; located: Located }> {
  const fail = failFor('');
  const fields = await readFields(headers, span, fail);
  const values = lastField(fields, sparse.values.number) ?? fail('a sparse initialiser has no values');
  const name = await textOf(headers, await readFields(headers, values, fail), proto.name.number, fail);
  const dims = await integersOf(headers, fields, sparse.dims.number, failFor(name));
  const shape = dims.map((extent) => toCount(extent, 'an extent of its shape', failFor(name)));
  return { name, located: { shape, dtype: 'sparse tensor', storedBytes: 0, readElements: none } };
}

/** Numbers lie raw, in a list of their dtype, or in a file beside the model. */
async function locateElements(
  files: OnnxFiles,
  fields: readonly Field[],
  { number, shape, size }: { number: number; shape: readonly number[]; size: number },
  fail: Fail,
): Promise<() => Promise<Uint8Array>> {
  if (integerOf(fields, proto.dataLocation.number) === BigInt(TensorProto_DataLocation.EXTERNAL))
    return readExternal(files.headers, fields, size, files.openFile, fail);
  const raw = lastField(fields, proto.rawData.number);
  if (raw) return locateRaw(files.bytes, raw, size, fail);
  const list = typedList(number);
  const chunks = list ? bytesFields(fields, list.number) : [];
  if (size === 0) return none;
  if (!list || chunks.length !== 1)
    return fail(`its numbers are missing or in ${chunks.length} parts, expected one list of them`);
  if (!list.isVarint) return locateRaw(files.bytes, chunks[0], size, fail);
  const [{ begin, end }] = chunks;
  const count = sizeOf(shape);
  // each takes 1 to 10 bytes; whether they are as many as they should be shows when they are read
  if (count > end - begin || 10 * count < end - begin)
    fail(`${end - begin} bytes hold its numbers, expected ${count} numbers for its shape ${brief(shape)}`);
  return async () => {
    const packed = await readExactly(files.bytes, begin, end - begin);
    return unpackVarints(packed, count, size / count) ?? fail(`its list holds no ${count} whole numbers`);
  };
}

function locateRaw(bytes: ByteSource, { begin, end }: Span, size: number, fail: Fail) {
  if (end - begin !== size) fail(`its data takes ${end - begin} bytes, its dtype and shape ${size}`);
  return () => readExactly(bytes, begin, size);
}
