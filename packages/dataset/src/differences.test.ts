import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differencesOf } from './differences.ts';
import { measuresOf } from './measures.ts';
import type { ScoredPicture } from './summary.ts';
import { sumTallies } from './tally.ts';

const classes = ['ground', 'thing'];

/** A picture of 100 pixels, half of either class, of which so many are wrong on each side. */
const picture = (name: string, wrong: number): ScoredPicture => ({
  name,
  tally: {
    truth: Float64Array.of(50, 50),
    predicted: Float64Array.of(50, 50),
    both: Float64Array.of(50 - wrong, 50 - wrong),
  },
  tags: {},
});

test('both sides are their own scores, and the difference is the second less the first', () => {
  const wrong = fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(wrong, (pairs) => {
      const [first, second] = [0, 1].map((side) => pairs.map((pair, i) => picture(`${i}`, pair[side])));
      const score = (pictures: ScoredPicture[]) =>
        measuresOf(
          sumTallies(
            pictures.map(({ tally }) => tally),
            2,
          ),
        );
      const found = differencesOf(first, second, classes, { resamples: 20 });
      expect(found.pictures).toBe(pairs.length);
      expect([found.miou.first, found.miou.second]).toEqual([score(first).miou, score(second).miou]);
      expect(found.classes.thing.iou.first).toBe(score(first).iou[1]);
      expect(found.accuracy.difference).toBeCloseTo(score(second).accuracy! - score(first).accuracy!, 12);
      expect(found.miou.low!).toBeLessThanOrEqual(found.miou.high!);
    }),
    { numRuns: 30 },
  );
});

test('pictures are drawn for both at once: a small gain on each is more than chance, however unequal they are', () => {
  const first = [30, 2, 17, 44, 9, 25].map((wrong, i) => picture(`${i}`, wrong));
  const second = [28, 1, 15, 42, 8, 23].map((wrong, i) => picture(`${i}`, wrong));
  const { miou } = differencesOf(first, second, classes);
  expect(miou.low!).toBeGreaterThan(0);
  const { miou: same } = differencesOf(first, first, classes);
  expect(same).toMatchObject({ difference: 0, low: 0, high: 0 });
});

test('pictures are told by name, and those of one alone are left out', () => {
  const found = differencesOf(
    [picture('a', 10), picture('b', 0)],
    [picture('c', 5), picture('a', 20)],
    classes,
  );
  expect(found.pictures).toBe(1);
  expect(found.accuracy).toMatchObject({ first: 0.8, second: 0.6, low: null, high: null });
  expect(() => differencesOf([picture('a', 1)], [picture('b', 1)], classes)).toThrow('no picture was scored');
});
