import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bootstrap, measureIntervals } from './bootstrap.ts';
import { measuresOf } from './measures.ts';
import { randomIndices } from './random.ts';
import { sumTallies, type Tally } from './tally.ts';

const meanAt = (values: readonly number[]) => (drawn: Int32Array) => {
  let sum = 0;
  for (const at of drawn) sum += values[at];
  return [sum / drawn.length];
};

test('the interval of a constant is a point', () => {
  fc.assert(
    fc.property(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 2, max: 30 }), (value, items) => {
      const [interval] = bootstrap(items, meanAt(new Array<number>(items).fill(value)), { resamples: 50 });
      expect(interval).toEqual({ low: value, high: value });
    }),
    { numRuns: 50 },
  );
});

test('the same seed gives the same interval, another seed another', () => {
  const statistic = meanAt(Array.from({ length: 20 }, (_, i) => Math.sin(i)));
  expect(bootstrap(20, statistic, { seed: 3 })).toEqual(bootstrap(20, statistic, { seed: 3 }));
  expect(bootstrap(20, statistic, { seed: 3 })).not.toEqual(bootstrap(20, statistic, { seed: 4 }));
});

test('95 % of intervals of the mean of 40 numbers hold the true mean', () => {
  const draw = randomIndices(7);
  const uniform = () => draw(1e6) / 1e6;
  const trials = 400;
  let held = 0;
  for (let trial = 0; trial < trials; trial++) {
    const values = Array.from({ length: 40 }, uniform);
    const [interval] = bootstrap(40, meanAt(values), { resamples: 300, seed: trial });
    if (interval!.low <= 0.5 && 0.5 <= interval!.high) held++;
  }
  expect(held / trials).toBeGreaterThan(0.92);
  expect(held / trials).toBeLessThan(0.98);
});

test('a lower level gives a narrower interval, within the wider one', () => {
  const statistic = meanAt(Array.from({ length: 25 }, (_, i) => Math.cos(i * i)));
  const [[narrow], [wide]] = [0.5, 0.95].map((level) => bootstrap(25, statistic, { level }));
  expect(narrow!.low).toBeGreaterThan(wide!.low);
  expect(narrow!.high).toBeLessThan(wide!.high);
});

test('quantiles are NumPy’s: linear between order statistics', () => {
  let round = 0;
  // the drawings give 0, 1, 2, … 10: numpy.quantile(range(11), [0.025, 0.975]) = 0.25, 9.75
  const [interval] = bootstrap(2, () => [round++], { resamples: 11 });
  expect(interval!.low).toBeCloseTo(0.25, 12);
  expect(interval!.high).toBeCloseTo(9.75, 12);
});

test('drawings with nothing to compute are left out; fewer than two items have no interval', () => {
  let round = 0;
  expect(bootstrap(2, () => [null, round++ % 2 ? null : 5], { resamples: 10 })).toEqual([
    null,
    { low: 5, high: 5 },
  ]);
  expect(bootstrap(1, () => [3])).toEqual([null]);
  expect(bootstrap(0, () => [null])).toEqual([null]);
});

test('options out of range are an error', () => {
  for (const options of [{ resamples: 0 }, { resamples: 1.5 }, { level: 0 }, { level: 1 }])
    expect(() => bootstrap(3, () => [1], options)).toThrow(
      'expected at least 1 resample and a level between',
    );
});

const count = fc.integer({ min: 0, max: 50 });
/** Pixels of a picture with two classes. */
const tally = fc.tuple(count, count, count, count).map(
  ([a, b, c, d]): Tally => ({
    truth: Float64Array.of(a + b, c + d),
    predicted: Float64Array.of(a + c, b + d),
    both: Float64Array.of(a, d),
  }),
);

test('intervals of scores are those of the sums of what was drawn', () => {
  fc.assert(
    fc.property(fc.array(tally, { minLength: 2, maxLength: 6 }), (tallies) => {
      const options = { resamples: 30, seed: 5 };
      const drawn = bootstrap(
        tallies.length,
        (places) => {
          const { iou, miou } = measuresOf(
            sumTallies(
              Array.from(places, (i) => tallies[i]),
              2,
            ),
          );
          return [...iou, miou];
        },
        options,
      );
      const { iou, miou } = measureIntervals(tallies, 2, options);
      expect([...iou, miou]).toEqual(drawn);
    }),
    { numRuns: 50 },
  );
});

test('intervals of pictures stay within what single pictures give, and equal pictures give a point', () => {
  fc.assert(
    fc.property(fc.array(tally, { minLength: 2, maxLength: 8 }), (tallies) => {
      const { accuracy } = measureIntervals(tallies, 2, { resamples: 40 });
      const each = tallies.flatMap((own) => measuresOf(own).accuracy ?? []);
      if (each.length === 0) return expect(accuracy).toBeNull();
      expect(accuracy!.low).toBeGreaterThanOrEqual(Math.min(...each) - 1e-12);
      expect(accuracy!.high).toBeLessThanOrEqual(Math.max(...each) + 1e-12);
    }),
    { numRuns: 50 },
  );
  const one: Tally = {
    truth: Float64Array.of(6, 2),
    predicted: Float64Array.of(5, 3),
    both: Float64Array.of(4, 1),
  };
  const { iou, precision, recall, f1, miou, accuracy } = measureIntervals([one, one, one], 2);
  const point = measuresOf(sumTallies([one], 2));
  const asPoint = (value: number | null) => ({ low: value, high: value });
  expect([iou, precision, recall, f1]).toEqual(
    [point.iou, point.precision, point.recall, point.f1].map((values) => values.map(asPoint)),
  );
  expect([miou, accuracy]).toEqual([point.miou, point.accuracy].map(asPoint));
});
