import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from './sha256.ts';

const expected = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('every length around blocks, fed at once', () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 37);
    const hash = sha256();
    hash.update(bytes);
    expect(hash.hex()).toBe(expected(bytes));
  }
});

test('any pieces give the digest of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (pieces) => {
      const hash = sha256();
      for (const piece of pieces) hash.update(piece);
      expect(hash.hex()).toBe(expected(Buffer.concat(pieces)));
    }),
  );
});

test('a piece may be a view into a larger buffer', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i).subarray(3, 299);
  const hash = sha256();
  hash.update(bytes);
  expect(hash.hex()).toBe(expected(bytes));
});
