import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignSlots } from './slots.ts';

test('what is needed at the same time never shares a buffer, and each buffer holds what it is given', () => {
  const need = fc
    .record({ bytes: fc.integer({ min: 1, max: 5000 }), first: fc.nat(20), length: fc.nat(8) })
    .map(({ bytes, first, length }) => ({ bytes, first, last: first + length }));
  fc.assert(
    fc.property(fc.array(need, { maxLength: 25 }), (needs) => {
      const { slotOf, bytes } = assignSlots(needs);
      expect(bytes).toEqual(bytes.toSorted((a, b) => b - a));
      needs.forEach((a, i) => {
        expect(a.bytes).toBeLessThanOrEqual(bytes[slotOf[i]]);
        needs.slice(0, i).forEach((b, j) => {
          expect(slotOf[i] !== slotOf[j] || a.last < b.first || b.last < a.first).toBe(true);
        });
      });
    }),
  );
});

test('values that follow each other take turns in two buffers', () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 640, first: i, last: i + 1 }));
  expect(assignSlots(chain).bytes).toEqual([640, 640]);
});
