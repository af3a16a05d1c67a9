import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatsToHalves, fromHalf, halvesToFloats, toHalf } from './half.ts';

test('every half survives the way to float32 and back', () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = floatsToHalves(halvesToFloats(halves));
  for (let i = 0; i < 65536; i++) {
    const isNotANumber = (i & 0x7c00) === 0x7c00 && (i & 0x3ff) !== 0;
    if (!isNotANumber) expect(back[i]).toBe(i);
  }
});

test('rounds to the nearest half, ties to even', () => {
  expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
  expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
  expect(fromHalf(toHalf(65519))).toBe(65504);
  expect(fromHalf(toHalf(65520))).toBe(Number.POSITIVE_INFINITY);
  expect(fromHalf(toHalf(2 ** -25))).toBe(0);
  expect(fromHalf(toHalf(2 ** -25 * 1.5))).toBe(2 ** -24);
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
});

test('no half lies closer than the one chosen', () => {
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const half = toHalf(value);
      const error = Math.abs(fromHalf(half) - value);
      for (const neighbour of [half - 1, half + 1]) {
        const other = fromHalf(neighbour & 0xffff);
        if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(Math.abs(other - value));
      }
    }),
  );
});
