import fc from 'fast-check';
import { expect, test } from 'vitest';
import { place } from './place.ts';

test('what lives at the same time never overlaps, and the peak holds all', () => {
  const need = fc
    .record({ bytes: fc.integer({ min: 1, max: 5000 }), first: fc.nat(20), length: fc.nat(8) })
    .map(({ bytes, first, length }) => ({ bytes, first, last: first + length }));
  fc.assert(
    fc.property(fc.array(need, { maxLength: 25 }), (needs) => {
      const { offsets, peak } = place(needs);
      needs.forEach((a, i) => {
        expect(offsets[i] % 64).toBe(0);
        expect(offsets[i] + a.bytes).toBeLessThanOrEqual(peak);
        needs.slice(0, i).forEach((b, j) => {
          const together = a.first <= b.last && b.first <= a.last;
          const apart = offsets[i] + a.bytes <= offsets[j] || offsets[j] + b.bytes <= offsets[i];
          expect(!together || apart).toBe(true);
        });
      });
    }),
  );
});

test('values that follow each other share their place', () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 640, first: i, last: i + 1 }));
  expect(place(chain).peak).toBe(2 * 640);
});
