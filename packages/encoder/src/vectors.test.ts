import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cosine, nearest, normalized } from './vectors.ts';

const vector = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 });
const long = vector.filter((values) => Math.hypot(...values) > 1e-3);

test('a normalised vector has the length 1 and the same direction; zeros stay', () => {
  fc.assert(
    fc.property(long, (values) => {
      const unit = normalized(values);
      expect(Math.hypot(...unit)).toBeCloseTo(1, 5);
      expect(cosine(unit, values)).toBeCloseTo(1, 5);
    }),
  );
  expect([...normalized([0, 0])]).toEqual([0, 0]);
});

test('the cosine is that of the angle, whatever the lengths', () => {
  expect(cosine([1, 0], [0, 5])).toBe(0);
  expect(cosine([1, 0], [-3, 0])).toBe(-1);
  expect(cosine([2, 0], [1, 1])).toBeCloseTo(Math.SQRT1_2, 12);
  expect(cosine([0, 0], [1, 1])).toBe(0);
  expect(() => cosine([1], [1, 2])).toThrow('expected equal lengths, got 1 and 2');
});

test('the nearest come first, of equals the earlier, and no more than asked for', () => {
  const among = [
    [0, 1],
    [1, 0],
    [2, 0],
    [1, 1],
  ];
  expect(nearest([1, 0], among).map(({ index }) => index)).toEqual([1, 2, 3, 0]);
  expect(nearest([1, 0], among, 1)).toEqual([{ index: 1, similarity: 1 }]);
});
