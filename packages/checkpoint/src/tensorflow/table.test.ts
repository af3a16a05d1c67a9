import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { varint } from '../protobuf/test_message_mutations.ts';
import { fixtureBytes } from '../test_checkpoints.ts';
import { crc32c, maskedCrc32c } from './crc32c.ts';
import { unsnappy } from './snappy.ts';
import { readTable } from './table.ts';
import { makeTable } from './test_table.ts';

const fail: Fail = (why) => {
  throw new Error(why);
};
const bytesOf = (text: string) => new TextEncoder().encode(text);

test('CRC-32C of the texts that its specification names', () => {
  // RFC 3720, B.4
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  const whole = bytesOf('123456789');
  expect(crc32c(whole)).toBe(0xe3069283);
  expect(crc32c(whole.subarray(4), crc32c(whole.subarray(0, 4)))).toBe(0xe3069283);
  expect(maskedCrc32c(bytesOf('foo'))).not.toBe(crc32c(bytesOf('foo')));
});

test('Snappy: literals of every length, copies of every kind, copies into themselves', () => {
  const unpack = (length: number, ...parts: (number | Uint8Array)[]) =>
    unsnappy(
      Uint8Array.from([
        ...varint(BigInt(length)),
        ...parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part])),
      ]),
      fail,
    );
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const long = new Uint8Array(300).fill(97);
  expect(text(unpack(3, 2 << 2, bytesOf('abc')))).toBe('abc');
  expect(unpack(61, 60 << 2, 60, long.subarray(0, 61))).toEqual(long.subarray(0, 61));
  expect(unpack(300, 61 << 2, 299 & 255, 299 >> 8, long)).toEqual(long);
  expect(text(unpack(10, 2 << 2, bytesOf('abc'), 1 | ((7 - 4) << 2), 3))).toBe('abcabcabca');
  expect(text(unpack(5, 2 << 2, bytesOf('abc'), 2 | ((2 - 1) << 2), 3, 0))).toBe('abcab');
  expect(text(unpack(5, 2 << 2, bytesOf('abc'), 3 | ((2 - 1) << 2), 2, 0, 0, 0))).toBe('abcbc');
  expect(unpack(0)).toEqual(new Uint8Array(0));
  const damaged = 'a block that Snappy compressed is damaged';
  expect(() => unpack(3, 2 << 2, bytesOf('ab'))).toThrow(damaged); // a literal that ends early
  expect(() => unpack(2, 2 << 2, bytesOf('abc'))).toThrow(damaged); // longer than it says
  expect(() => unpack(4, 2 << 2, bytesOf('abc'))).toThrow(damaged); // shorter than it says
  expect(() => unpack(7, 2 << 2, bytesOf('abc'), 1, 4)).toThrow(damaged); // from before the beginning
  expect(() => unpack(7, 2 << 2, bytesOf('abc'), 1, 0)).toThrow(damaged);
  expect(() => unpack(7, 2 << 2, bytesOf('abc'), 1)).toThrow(damaged); // a copy without its offset
  expect(() => unpack(5, 2 << 2, bytesOf('abc'), 2 | (1 << 2), 3)).toThrow(damaged);
  expect(() => unpack(1 << 30, 2 << 2, bytesOf('abc'))).toThrow(damaged); // more than Snappy can pack
  expect(() => unsnappy(new Uint8Array(0), fail)).toThrow(damaged);
});

test('any entries come back from a table', async () => {
  const keys = fc.uniqueArray(fc.string({ unit: 'binary-ascii', maxLength: 20 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(keys, async (names) => {
      const entries = names.sort().map((name) => [name, bytesOf(`value of ${name}`)] as const);
      expect([...(await readTable(memoryBytes(makeTable(entries), 'a'), fail))]).toEqual(entries);
    }),
  );
});

test('tables that are not whole are refused', async () => {
  const entries = [['a', bytesOf('1')]] as const;
  const read = (bytes: Uint8Array) => readTable(memoryBytes(bytes, 'a'), fail);
  await expect(read(makeTable([...entries, ...entries]))).rejects.toThrow('it has a key twice');
  await expect(read(makeTable(entries, { number: 2, compress: (block) => block }))).rejects.toThrow(
    'is compressed by method 2, expected none or Snappy',
  );
  await expect(read(makeTable(entries).subarray(-47))).rejects.toThrow('it has 47 bytes, expected 48');
  await expect(read(makeTable(entries).subarray(20))).rejects.toThrow('it is cut off');
  await expect(
    read(makeTable(entries, { number: 0, compress: (block) => block.subarray(0, 3) })),
  ).rejects.toThrow('a block is damaged');
  const shared = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0); // a first key that shares a letter
  await expect(read(makeTable(entries, { number: 0, compress: () => shared }))).rejects.toThrow(
    'a block is damaged',
  );
  const index = fixtureBytes('tensorflow/same.index');
  for (let at = 0; at < index.length - 48; at += 7) {
    const damaged = index.slice();
    damaged[at] ^= 4;
    await expect(read(damaged), `byte ${at}`).rejects.toThrow();
  }
});
