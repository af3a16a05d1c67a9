import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryBytes } from './bytes.ts';
import { joined } from './joined.ts';
import { windowed } from './windowed.ts';

const cut = fc.tuple(
  fc.array(fc.uint8Array({ maxLength: 20 })),
  fc.nat(),
  fc.nat(),
  fc.integer({ min: 1, max: 30 }),
);

test('any part of several files is that of all of them together, through windows, too', async () => {
  await fc.assert(
    fc.asyncProperty(cut, async ([parts, a, b, size]) => {
      const all = Uint8Array.from(parts.flatMap((part) => [...part]));
      const file = joined(
        parts.map((part, i) => memoryBytes(part, `part ${i}`)),
        'all',
      );
      expect(file.size).toBe(all.length);
      const begin = a % (all.length + 1);
      const length = b % (all.length - begin + 1);
      const expected = [...all.subarray(begin, begin + length)];
      expect([...(await file.read(begin, length))]).toEqual(expected);
      const throughWindow = windowed(file, size);
      await throughWindow.read(0, Math.min(2, all.length));
      expect([...(await throughWindow.read(begin, length))]).toEqual(expected);
    }),
  );
});

test('what ends after the files ends early, as files do', async () => {
  const file = joined([memoryBytes(Uint8Array.of(1, 2), 'a'), memoryBytes(Uint8Array.of(3), 'b')], 'all');
  expect([...(await file.read(1, 10))]).toEqual([2, 3]);
});
