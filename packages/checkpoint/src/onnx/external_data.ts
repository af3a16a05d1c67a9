import { StringStringEntryProtoSchema, TensorProtoSchema } from '@atrous/onnx-schema';
import { brief, clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import { type Fail, isCount } from '../fail.ts';
import { isNameBelow, type ModelFiles } from '../model_files.ts';
import { type Field, readFields } from '../protobuf/fields.ts';
import { bytesFields, textOf } from '../protobuf/values.ts';

const { key: keyField, value: valueField } = StringStringEntryProtoSchema.field;

/** Texts by key: ONNX's list of pairs. */
export async function readPairs(
  bytes: ByteSource,
  fields: readonly Field[],
  number: number,
  fail: Fail,
): Promise<Map<string, string>> {
  const pairs = new Map<string, string>();
  for (const span of bytesFields(fields, number)) {
    const pair = await readFields(bytes, span, fail);
    pairs.set(
      await textOf(bytes, pair, keyField.number, fail),
      await textOf(bytes, pair, valueField.number, fail),
    );
  }
  return pairs;
}

/** The files beside a model that hold its numbers, each opened once. */
export function externalFiles(files: ModelFiles) {
  const opened = new Map<string, Promise<ByteSource | undefined>>();
  return (location: string): Promise<ByteSource | undefined> => {
    const file = opened.get(location) ?? files.open(location);
    opened.set(location, file);
    return file;
  };
}

/**
 * The numbers of a tensor that lie in a file beside the model.
 * @param size what its dtype and shape take, in bytes
 */
export async function readExternal(
  bytes: ByteSource,
  fields: readonly Field[],
  size: number,
  openFile: (location: string) => Promise<ByteSource | undefined>,
  fail: Fail,
): Promise<() => Promise<Uint8Array>> {
  const entries = await readPairs(bytes, fields, TensorProtoSchema.field.externalData.number, fail);
  const location = entries.get('location')?.replace(/^(\.\/)+/, '') ?? '';
  if (!isNameBelow(location))
    fail(`its data lies in ${brief(location)}, expected the name of a file beside the model`);
  const file = await openFile(location);
  if (!file)
    return fail(
      `its data lies in ${clip(location)}, which is missing: put it beside the model, or choose both files together`,
    );
  const offset = readNumber(entries.get('offset'), 0, fail);
  const length = readNumber(entries.get('length'), file.size - offset, fail);
  if (length !== size) fail(`its data takes ${length} bytes, its dtype and shape ${size}`);
  if (offset + length > file.size)
    fail(`its data ends at byte ${offset + length} of ${clip(location)}, which has ${file.size}`);
  return () => readExactly(file, offset, length);
}

function readNumber(text: string | undefined, otherwise: number, fail: Fail): number {
  if (text === undefined) return otherwise;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return isCount(number) ? number : fail(`its data's place is ${brief(text)}, expected a whole number`);
}
