import { sizeOf } from '@atrous/tensor';
import { brief } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { checkedSize, type Located } from '../located.ts';
import { type Field, readFields, type Span } from '../protobuf/fields.ts';
import { bytesFields, countOf, lastField } from '../protobuf/values.ts';
import { countVarints, unpackVarints } from '../protobuf/varint.ts';
import { tensorFlowDType } from './dtypes.ts';
import { readShape } from './shape.ts';

// Field numbers of tensor.proto.
const proto = { dtype: 1, shape: 2, content: 4 };
const none = async () => new Uint8Array(0);

/** The list of a tensor's numbers by its dtype; whether they are varints there. */
const lists: Readonly<Record<string, readonly [number: number, isVarint: boolean]>> = {
  DT_FLOAT: [5, false],
  DT_DOUBLE: [6, false],
  DT_INT32: [7, true],
  DT_INT16: [7, true],
  DT_INT8: [7, true],
  DT_UINT8: [7, true],
  DT_UINT16: [7, true],
  DT_INT64: [10, true],
  DT_BOOL: [11, true],
  DT_HALF: [13, true],
  DT_BFLOAT16: [13, true],
  DT_UINT32: [16, true],
  DT_UINT64: [17, true],
  DT_FLOAT8_E5M2: [18, false],
  DT_FLOAT8_E4M3FN: [18, false],
  DT_FLOAT8_E4M3FNUZ: [18, false],
  DT_FLOAT8_E5M2FNUZ: [18, false],
};

/** A list may be shorter than its tensor: beyond so many elements it would take memory that the file does not pay for. */
const mostRepeated = 1 << 20;

/** A `TensorProto` of a graph: where its numbers lie, which are not read. */
export async function locateConstant(
  headers: ByteSource,
  bytes: ByteSource,
  span: Span,
  fail: Fail,
): Promise<Located> {
  const fields = await readFields(headers, span, fail);
  const { name: dtype, kind } = tensorFlowDType(countOf(fields, proto.dtype, 'its dtype', fail));
  const shape = await readShape(headers, lastField(fields, proto.shape), fail);
  if (!kind) return { shape, dtype, storedBytes: 0, readElements: none };
  const size = checkedSize(shape, kind, fail);
  const readElements = locateElements(bytes, fields, { dtype, shape, size }, fail);
  return { shape, dtype, kind, storedBytes: size, readElements };
}

/** Numbers are raw, or in the list of their dtype, whose last one stands for all that are left; zeros where there is none. */
function locateElements(
  bytes: ByteSource,
  fields: readonly Field[],
  { dtype, shape, size }: { dtype: string; shape: readonly number[]; size: number },
  fail: Fail,
): () => Promise<Uint8Array> {
  if (size === 0) return none;
  const raw = lastField(fields, proto.content);
  if (raw && raw.end > raw.begin) {
    if (raw.end - raw.begin !== size)
      fail(`its data takes ${raw.end - raw.begin} bytes, ${dtype} ${brief(shape)} ${size}`);
    return () => readExactly(bytes, raw.begin, size);
  }
  const [number, isVarint] = lists[dtype];
  const chunks = bytesFields(fields, number);
  if (chunks.length > 1 || fields.some((field) => field.number === number && field.type !== 'bytes'))
    fail('its numbers are in several parts, expected one list of them');
  const count = sizeOf(shape);
  const { begin, end } = chunks[0] ?? { begin: 0, end: 0 };
  if (count > Math.max(end - begin, mostRepeated))
    fail(`${end - begin} bytes hold its numbers, ${dtype} ${brief(shape)} has ${count}`);
  return async () => {
    const packed = await readExactly(bytes, begin, end - begin);
    const elementSize = size / count;
    const listed = isVarint ? unpackVarints(packed, countVarints(packed), elementSize) : packed;
    if (!listed || listed.length > size || listed.length % elementSize !== 0)
      return fail(`its list is damaged, expected up to ${count} numbers of ${dtype}`);
    return repeatLast(listed, size, elementSize);
  };
}

function repeatLast(listed: Uint8Array, size: number, elementSize: number): Uint8Array {
  if (listed.length === size) return listed;
  const all = new Uint8Array(size);
  all.set(listed);
  const last = listed.subarray(Math.max(0, listed.length - elementSize));
  if (last.some((byte) => byte !== 0))
    for (let at = listed.length; at < size; at += elementSize) all.set(last, at);
  return all;
}
