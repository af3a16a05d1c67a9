import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteSource, memoryBytes } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { windowed } from '../windowed.ts';
import { readFields } from './fields.ts';
import { countOf, integersOf, readText, textOf, toCount } from './values.ts';
import { countVarints, readVarint, unpackVarints } from './varint.ts';

const fail: Fail = (why) => {
  throw new Error(why);
};
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const field = fc.record({
  number: fc.integer({ min: 1, max: 2 ** 29 - 1 }),
  value: fc.oneof(
    uint64.map((varint) => ({ varint })),
    fc.nat().map((fixed32) => ({ fixed32 })),
    uint64.map((fixed64) => ({ fixed64 })),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => ({ bytes })),
  ),
});
const allOf = (bytes: ByteSource) => readFields(bytes, { begin: 0, end: bytes.size }, fail);

test('fields that another library wrote are read, through windows of any size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(field), fc.integer({ min: 20, max: 100 }), async (fields, size) => {
      const writer = new BinaryWriter();
      for (const { number, value } of fields) {
        if ('varint' in value) writer.tag(number, WireType.Varint).uint64(value.varint);
        else if ('fixed32' in value) writer.tag(number, WireType.Bit32).fixed32(value.fixed32);
        else if ('fixed64' in value) writer.tag(number, WireType.Bit64).fixed64(value.fixed64);
        else writer.tag(number, WireType.LengthDelimited).bytes(value.bytes);
      }
      const written = writer.finish();
      const found = await allOf(windowed(memoryBytes(written, 'a'), size));
      expect(found.map(({ number }) => number)).toEqual(fields.map(({ number }) => number));
      for (const [i, { type, value, begin, end }] of found.entries()) {
        const given = fields[i].value;
        if (type === 'bytes') expect({ bytes: written.slice(begin, end) }).toEqual(given);
        else expect(value).toBe(BigInt(Object.values(given)[0]));
      }
    }),
  );
});

test.each([
  ['a group', [0x0b]],
  ['a field of number 0', [0x02, 0]],
  ['a tag that does not end', [0x80]],
  ['a varint that does not end', [0x08, 0xff]],
  ['a varint of more than ten bytes', [0x08, ...Array(10).fill(0x80), 0]],
  ['bytes that end after the message', [0x0a, 2, 0]],
  ['a fixed number that ends after the message', [0x0d, 1, 2, 3]],
])('%s is refused', async (_, bytes) => {
  await expect(allOf(memoryBytes(Uint8Array.from(bytes), 'a'))).rejects.toThrow(
    'damaged at byte 0: expected a field of a message',
  );
});

test('a message of too many fields is refused', async () => {
  const bytes = memoryBytes(new Uint8Array(8).fill(0x08), 'a');
  await expect(readFields(bytes, { begin: 0, end: 8 }, fail, 3)).rejects.toThrow('more than 3 fields');
});

test('varints: every number, unpacked to the bytes of its elements', () => {
  fc.assert(
    fc.property(fc.array(uint64), (numbers) => {
      const writer = new BinaryWriter();
      for (const number of numbers) writer.uint64(number);
      const bytes = writer.finish();
      expect(countVarints(bytes)).toBe(numbers.length);
      const whole = unpackVarints(bytes, numbers.length, 8)!;
      expect([...new BigUint64Array(whole.buffer)]).toEqual(numbers);
      const low = unpackVarints(bytes, numbers.length, 2)!;
      expect([...new Uint16Array(low.buffer)]).toEqual(numbers.map((number) => Number(number & 0xffffn)));
      expect(unpackVarints(bytes, numbers.length + 1, 4)).toBeUndefined();
      if (numbers.length > 0) expect(unpackVarints(bytes, numbers.length - 1, 4)).toBeUndefined();
    }),
  );
  expect(readVarint(Uint8Array.of(0x80), 0)).toBeUndefined();
});

test('numbers, lists and texts of a message', async () => {
  const writer = new BinaryWriter().tag(1, WireType.Varint).uint32(3).tag(1, WireType.Varint).uint32(4);
  writer
    .tag(2, WireType.LengthDelimited)
    .string('naïve')
    .tag(1, WireType.LengthDelimited)
    .bytes(Uint8Array.of(5, 6));
  writer.tag(3, WireType.LengthDelimited).bytes(Uint8Array.of(0xff));
  const bytes = memoryBytes(writer.finish(), 'a');
  const fields = await allOf(bytes);
  expect(await integersOf(bytes, fields, 1, fail)).toEqual([3n, 4n, 5n, 6n]);
  await expect(integersOf(bytes, fields, 1, fail, 3)).rejects.toThrow('a list of more than 3 numbers');
  expect(countOf(fields, 1, 'it', fail)).toBe(4);
  expect(countOf(fields, 9, 'it', fail)).toBe(0);
  expect(await textOf(bytes, fields, 2, fail)).toBe('naïve');
  expect(await textOf(bytes, fields, 9, fail)).toBe('');
  await expect(textOf(bytes, fields, 3, fail)).rejects.toThrow('is no UTF-8');
  const long = { ...fields[2], begin: 0, end: 70_000 };
  await expect(readText(bytes, long, fail)).rejects.toThrow('a name at byte 0 takes 70000 bytes');
  expect(() => toCount(2n ** 64n - 1n, 'it', fail)).toThrow('it is -1, expected a whole number');
});
