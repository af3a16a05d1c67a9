import type { ByteSource } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { readVarint } from './varint.ts';

/** From one byte of a file to before another. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** A field of a protobuf message. What it holds lies at its span: of bytes, texts and messages without their length. */
export interface Field extends Span {
  readonly number: number;
  readonly type: 'varint' | 'fixed' | 'bytes';
  /** Of a varint, and of 4 or 8 bytes their bits; 0 of bytes. */
  readonly value: bigint;
}

/** Of a tag and a length or a value. */
const longestHead = 20;
const wireTypes: Readonly<Record<number, Field['type']>> = {
  0: 'varint',
  1: 'fixed',
  2: 'bytes',
  5: 'fixed',
};

/**
 * The fields of a message, wherever it lies. Only tags, lengths and numbers are read: what is long is passed over.
 * @param bytes read for each field, so give `windowed` ones
 */
export async function* fieldsOf(bytes: ByteSource, { begin, end }: Span, fail: Fail): AsyncGenerator<Field> {
  for (let at = begin; at < end; ) {
    const head = await bytes.read(at, Math.min(longestHead, end - at));
    const field = readField(head, at, end) ?? fail(`damaged at byte ${at}: expected a field of a message`);
    yield field;
    at = field.end;
  }
}

/** All fields of a message that has few. @throws by `fail` where they are more than `most` */
export async function readFields(bytes: ByteSource, span: Span, fail: Fail, most = 10_000): Promise<Field[]> {
  const fields: Field[] = [];
  for await (const field of fieldsOf(bytes, span, fail)) {
    fields.push(field);
    if (fields.length > most) fail(`the message at byte ${span.begin} has more than ${most} fields`);
  }
  return fields;
}

/** Undefined where the bytes are no field that ends before `end`. */
function readField(head: Uint8Array, at: number, end: number): Field | undefined {
  const tag = readVarint(head, 0);
  if (!tag || tag.value >> 3n === 0n || tag.value >= 1n << 32n) return undefined;
  const number = Number(tag.value >> 3n);
  const wireType = Number(tag.value & 7n);
  const type = wireTypes[wireType];
  const begin = at + tag.size;
  const withSpan = (from: number, size: number, value: bigint): Field | undefined =>
    from + size <= end ? { number, type, value, begin: from, end: from + size } : undefined;
  if (type === 'fixed') {
    const size = wireType === 1 ? 8 : 4;
    return withSpan(begin, size, readFixed(head.subarray(tag.size, tag.size + size)));
  }
  const varint = readVarint(head, tag.size);
  if (!varint) return undefined;
  if (type === 'varint') return withSpan(begin, varint.size, varint.value);
  return type && withSpan(begin + varint.size, Number(varint.value), 0n);
}

function readFixed(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
