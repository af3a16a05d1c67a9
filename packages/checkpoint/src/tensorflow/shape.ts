import type { ByteSource } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { readFields, type Span } from '../protobuf/fields.ts';
import { bytesFields, countOf, integerOf } from '../protobuf/values.ts';

// Field numbers of tensor_shape.proto.
const shapeDim = 2;
const shapeUnknownRank = 3;
const dimSize = 1;

/** A `TensorShapeProto`; of a scalar, which has no fields, it may be absent. */
export async function readShape(bytes: ByteSource, span: Span | undefined, fail: Fail): Promise<number[]> {
  if (!span) return [];
  const fields = await readFields(bytes, span, fail, 64);
  if (integerOf(fields, shapeUnknownRank) !== 0n)
    fail('its shape is unknown, expected the shape of a constant');
  const shape: number[] = [];
  for (const dim of bytesFields(fields, shapeDim))
    shape.push(countOf(await readFields(bytes, dim, fail), dimSize, 'an extent of its shape', fail));
  return shape;
}
