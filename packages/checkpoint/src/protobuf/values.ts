import { type ByteSource, readExactly } from '../bytes.ts';
import { type Fail, isCount } from '../fail.ts';
import type { Field } from './fields.ts';
import { readVarint } from './varint.ts';

/** Names and other short texts; longer ones are no names. In bytes. */
const longestText = 1 << 16;

/** The last field of a number and type: the one that counts where there are several. */
export function lastField(
  fields: readonly Field[],
  number: number,
  type: Field['type'] = 'bytes',
): Field | undefined {
  return fields.findLast((field) => field.number === number && field.type === type);
}

/** Every field of a number that holds bytes. */
export function bytesFields(fields: readonly Field[], number: number): Field[] {
  return fields.filter((field) => field.number === number && field.type === 'bytes');
}

/** A number of a message; 0 where it has none, as protobuf leaves zeros out. */
export function integerOf(fields: readonly Field[], number: number): bigint {
  return lastField(fields, number, 'varint')?.value ?? 0n;
}

/** A length, count or offset of a message. */
export function countOf(fields: readonly Field[], number: number, what: string, fail: Fail): number {
  return toCount(integerOf(fields, number), what, fail);
}

/** A varint as a whole number from 0; what is negative in 64 bits is refused. */
export function toCount(value: bigint, what: string, fail: Fail): number {
  const count = Number(value);
  return isCount(count) ? count : fail(`${what} is ${BigInt.asIntN(64, value)}, expected a whole number`);
}

/** A text of a message; empty where it has none. */
export async function textOf(
  bytes: ByteSource,
  fields: readonly Field[],
  number: number,
  fail: Fail,
): Promise<string> {
  const field = lastField(fields, number);
  return field ? readText(bytes, field, fail) : '';
}

/** The text at a field. */
export async function readText(bytes: ByteSource, { begin, end }: Field, fail: Fail): Promise<string> {
  if (end - begin > longestText) fail(`a name at byte ${begin} takes ${end - begin} bytes`);
  const text = await readExactly(bytes, begin, end - begin);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch (cause) {
    return fail(`a name at byte ${begin} is no UTF-8`, cause);
  }
}

/** A list of numbers, each by itself or packed. @throws by `fail` where they are more than `most` */
export async function integersOf(
  bytes: ByteSource,
  fields: readonly Field[],
  number: number,
  fail: Fail,
  most = 64,
): Promise<bigint[]> {
  const numbers: bigint[] = [];
  for (const { begin, end, type, value } of fields.filter((field) => field.number === number)) {
    if (type === 'varint') numbers.push(value);
    if (type !== 'bytes') continue;
    const packed = await readExactly(bytes, begin, Math.min(end - begin, 10 * (most + 1)));
    for (let at = 0; at < packed.length && numbers.length <= most; ) {
      const varint = readVarint(packed, at) ?? fail(`damaged at byte ${begin + at}: expected a number`);
      numbers.push(varint.value);
      at += varint.size;
    }
  }
  return numbers.length <= most ? numbers : fail(`a list of more than ${most} numbers, expected a shape`);
}
