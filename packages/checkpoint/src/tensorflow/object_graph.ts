import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { fieldsOf, readFields, type Span } from '../protobuf/fields.ts';
import { bytesFields, textOf } from '../protobuf/values.ts';
import { readVarint } from '../protobuf/varint.ts';
import { windowed } from '../windowed.ts';
import type { BundleEntry } from './bundle_entries.ts';
import { stringDType } from './dtypes.ts';

/** Where TensorFlow 2 keeps which object holds which variable. */
export const objectGraphKey = '_CHECKPOINTABLE_OBJECT_GRAPH';
const valueSuffix = '/.ATTRIBUTES/VARIABLE_VALUE';

// Field numbers of trackable_object_graph.proto.
const graphNodes = 1;
const objectAttributes = 2;
const attribute = { fullName: 2, key: 3 };

/**
 * Names of variables by their keys. Where every variable of the object graph has a full name (`conv1/kernel`) and no two
 * share one, these are the names; else the keys are, which are the paths of attributes that lead there, without the
 * words that all keys end with: `model/layer_with_weights-0/kernel`. (Keras 3 calls every kernel `kernel`.)
 */
export async function objectNames(
  { dtype, shape, offset, size }: BundleEntry,
  file: ByteSource,
  keys: readonly string[],
  fail: Fail,
): Promise<ReadonlyMap<string, string>> {
  if (dtype !== stringDType || shape.length > 0 || offset + size > file.size)
    fail('its object graph is damaged, expected one text');
  const span = await textSpan(file, offset, size, fail);
  const fullNames = new Map<string, string>();
  const bytes = windowed(file);
  for await (const node of fieldsOf(bytes, span, fail)) {
    if (node.number !== graphNodes || node.type !== 'bytes') continue;
    for (const field of bytesFields(await readFields(bytes, node, fail, 200_000), objectAttributes)) {
      const fields = await readFields(bytes, field, fail);
      const fullName = await textOf(bytes, fields, attribute.fullName, fail);
      if (fullName) fullNames.set(await textOf(bytes, fields, attribute.key, fail), fullName);
    }
  }
  const known = keys.filter((key) => key.endsWith(valueSuffix));
  const full = known.map((key) => fullNames.get(key));
  const others = keys.filter((key) => !key.endsWith(valueSuffix));
  const isClear = !full.includes(undefined) && new Set([...full, ...others]).size === keys.length;
  return new Map(
    known.map((key, i) => [key, (isClear && full[i]) || key.slice(0, key.length - valueSuffix.length)]),
  );
}

/** A text of a checkpoint: its length, a checksum of that, then the text. */
async function textSpan(file: ByteSource, offset: number, size: number, fail: Fail): Promise<Span> {
  const head = await readExactly(file, offset, Math.min(10, size));
  const length = readVarint(head, 0);
  const checksumSize = 4;
  if (!length || Number(length.value) + length.size + checksumSize !== size)
    return fail('its object graph does not have the length that it says');
  return { begin: offset + length.size + checksumSize, end: offset + size };
}
