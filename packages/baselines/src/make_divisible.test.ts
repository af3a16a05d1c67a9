import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeDivisible } from './make_divisible.ts';

test('widths are multiples, never more than a tenth narrower, and otherwise the nearest', () => {
  const divisors = fc.integer({ min: 1, max: 64 });
  const channels = fc.double({ min: 0.1, max: 4096, noNaN: true });
  fc.assert(
    fc.property(channels, divisors, (wanted, divisor) => {
      const width = makeDivisible(wanted, divisor);
      expect(width % divisor).toBe(0);
      expect(width).toBeGreaterThanOrEqual(divisor);
      expect(width).toBeGreaterThanOrEqual(0.9 * wanted);
      expect(width - wanted).toBeLessThanOrEqual(divisor);
      const isNearest = Math.abs(width - wanted) <= divisor / 2;
      expect(isNearest || width === divisor || width - divisor < 0.9 * wanted).toBe(true);
    }),
  );
});

test("the widths of MobileNetV2 at 0.35, as timm's", () => {
  const table = [32, 16, 24, 32, 64, 96, 160, 320];
  expect(table.map((channels) => makeDivisible(channels * 0.35, 8))).toEqual([16, 8, 8, 16, 24, 32, 56, 112]);
});
