import type { LabelMap } from '@atrous/mask';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundaryScores, countBoundary } from './boundary.ts';
import { ownTable } from './class_table.ts';
import { type ScoredPicture, summarize } from './summary.ts';
import { emptyTally } from './tally.ts';

const mapping = {
  classes: ['ground', 'thing'],
  predictions: ownTable(2),
  labels: ownTable(2, [255]),
};
const map = (...rows: string[]): LabelMap => ({
  width: rows[0].length,
  height: rows.length,
  data: Uint8Array.from(rows.join(''), (char) => (char === '.' ? 0 : char === '#' ? 1 : 255)),
});
/** A tolerance of about a pixel. */
const pixel = 0.001;
const score = (predicted: LabelMap, truth: LabelMap, tolerance = pixel) =>
  boundaryScores(countBoundary(predicted, truth, mapping, tolerance));

const square = map('......', '.###..', '.###..', '.###..', '......', '......');
const besides = map('......', '..###.', '..###.', '..###.', '......', '......');
const far = map('......', '......', '......', '......', '....##', '....##');

test('borders are pixels with another class beside them, and none is at the picture’s edge', () => {
  const { truth, truthNear, predicted } = countBoundary(square, square, mapping, pixel);
  expect([...truth]).toEqual([12, 8]); // the square's rim, and the twelve beside it
  expect([truthNear, predicted]).toEqual([truth, truth]);
  expect(countBoundary(map('##', '##'), map('##', '##'), mapping).truth).toEqual(Float64Array.of(0, 0));
});

test('a shift within the tolerance is right, a border elsewhere is not', () => {
  expect(score(square, square)).toEqual([1, 1]);
  expect(score(besides, square)).toEqual([1, 1]);
  expect(score(besides, square, 0)).toEqual([1, 1]); // never less than a pixel
  expect(score(far, square)[1]).toBe(0);
  expect(score(far, square, 0.5)).toEqual([1, 1]);
});

test('by hand: two of three pixels found, one of three right', () => {
  const truth = map('###...', '......', '......', '......', '......');
  const guess = map('#.....', '......', '......', '......', '....##');
  // 'thing' has three pixels of border in the labels: the first two are near the guess's first, which is one right of three
  expect(countBoundary(guess, truth, mapping, pixel)).toMatchObject({
    truth: Float64Array.of(4, 3),
    truthNear: Float64Array.of(2, 2),
    predicted: Float64Array.of(5, 3),
    predictedNear: Float64Array.of(2, 1),
  });
  expect(score(guess, truth)[1]).toBeCloseTo((2 * (2 / 3) * (1 / 3)) / (2 / 3 + 1 / 3), 12);
});

test('a class that neither has is null, one that only one has is 0; what has no label is on no side', () => {
  const nothing = map('....', '....');
  expect(score(nothing, nothing)).toEqual([null, null]);
  expect(score(map('....', '..##'), nothing)).toEqual([0, 0]);
  const unlabelled = map('..??', '..??');
  expect(score(map('..##', '..##'), unlabelled)).toEqual([null, null]);
});

test('it is the same for both sides, and whatever the picture is turned', () => {
  const cells = fc.array(fc.nat(1), { minLength: 30, maxLength: 30 });
  const of = (data: readonly number[], turned: boolean): LabelMap => ({
    width: turned ? 6 : 5,
    height: turned ? 5 : 6,
    data: Uint8Array.from(data, (_, i) => (turned ? data[(i % 6) * 5 + Math.floor(i / 6)] : data[i])),
  });
  fc.assert(
    fc.property(cells, cells, (a, b) => {
      const there = score(of(a, false), of(b, false));
      expect(score(of(b, false), of(a, false))).toEqual(there);
      expect(score(of(a, true), of(b, true))).toEqual(there);
    }),
    { numRuns: 30 },
  );
});

test('a summary has the mean over pictures where all have borders counted', () => {
  const picture = (name: string, guess: LabelMap): ScoredPicture => ({
    name,
    tally: emptyTally(2),
    tags: {},
    boundary: countBoundary(guess, square, mapping, pixel),
  });
  const pictures = [picture('a', square), picture('b', far)];
  const [ground] = boundaryScores(pictures[1].boundary!);
  const { boundaryF, classes } = summarize(pictures, mapping.classes);
  expect(classes.thing.boundaryF).toEqual({ value: 0.5, low: 0, high: 1 });
  expect(boundaryF?.value).toBeCloseTo((0.5 + (1 + ground!) / 2) / 2, 12);
  const { boundary: _, ...without } = pictures[0];
  expect(summarize([without, pictures[1]], mapping.classes).boundaryF).toBeUndefined();
});
