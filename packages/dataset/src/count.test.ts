import { confusionMatrix, countInto, type LabelMap, scoresOf } from '@atrous/mask';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseClassGroups } from './class_groups.ts';
import { classTable, ownTable } from './class_table.ts';
import { addCounts, countPicture, type Mapping } from './count.ts';
import { measuresOf, pictureMeans } from './measures.ts';
import { sumTallies, tallyOf } from './tally.ts';

const map = (data: readonly number[]): LabelMap => ({
  width: data.length,
  height: 1,
  data: Uint16Array.from(data),
});
const asIs = (classes: number, ignore?: number[]): Mapping => ({
  classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
  predictions: ownTable(classes),
  labels: ownTable(classes, ignore),
});
/** A table of 65536 ids per run is what takes time here. */
const some = { numRuns: 30 };
const pixels = (below: number) => fc.array(fc.nat(below - 1), { minLength: 24, maxLength: 24 });

test('without a mapping it counts as mask does', () => {
  fc.assert(
    fc.property(pixels(4), pixels(7), fc.option(fc.nat(6)), (predicted, truth, ignore) => {
      const expected = confusionMatrix(4);
      countInto(expected, map(predicted), map(truth), ignore ?? undefined);
      const mapping = asIs(4, ignore === null ? [] : [ignore]);
      const found = countPicture(map(predicted), map(truth), mapping, 'x');
      expect(found.counts).toEqual(expected.counts);
      expect(found.ignored.subarray(0, 8)).toEqual(expected.ignored.subarray(0, 8));
    }),
    some,
  );
});

test('every pixel is counted or ignored, and the tally is rows, columns and diagonal', () => {
  fc.assert(
    fc.property(pixels(3), pixels(5), (predicted, truth) => {
      const matrix = countPicture(map(predicted), map(truth), asIs(3), 'x');
      const sum = (values: Float64Array) => values.reduce((all, value) => all + value, 0);
      expect(sum(matrix.counts) + sum(matrix.ignored)).toBe(24);
      const tally = tallyOf(matrix);
      expect(sum(tally.truth)).toBe(sum(matrix.counts));
      expect(sum(tally.predicted)).toBe(sum(matrix.counts));
      for (let k = 0; k < 3; k++) {
        expect(tally.truth[k]).toBe(truth.filter((id) => id === k).length);
        expect(tally.predicted[k]).toBe(predicted.filter((id, i) => id === k && truth[i] < 3).length);
        expect(tally.both[k]).toBe(truth.filter((id, i) => id === k && predicted[i] === k).length);
      }
    }),
    some,
  );
});

test('pictures add up: tallies, matrices and scores say the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(pixels(3), pixels(4)), { minLength: 1, maxLength: 5 }), (pictures) => {
      const total = confusionMatrix(3);
      const matrices = pictures.map(([p, t]) => countPicture(map(p), map(t), asIs(3), 'x'));
      for (const matrix of matrices) addCounts(total, matrix);
      const { iou, miou, accuracy } = measuresOf(sumTallies(matrices.map(tallyOf), 3));
      expect(scoresOf(total)).toMatchObject({ iou, miou, accuracy });
    }),
    some,
  );
});

test('merging classes on both sides before or after counting is the same', () => {
  const groups = parseClassGroups('background=0,person=1+2+3');
  const merged: Mapping = {
    classes: ['background', 'person'],
    predictions: classTable(groups),
    labels: classTable(groups, { ignore: [4] }),
  };
  const merge = (id: number) => (id === 0 ? 0 : id === 4 ? 255 : 1);
  fc.assert(
    fc.property(pixels(4), pixels(5), (predicted, truth) => {
      const after = countPicture(map(predicted), map(truth), merged, 'x');
      const before = countPicture(map(predicted.map(merge)), map(truth.map(merge)), asIs(2), 'x');
      expect(after.counts).toEqual(before.counts);
    }),
    some,
  );
});

test('labels with ids of their own', () => {
  const mapping: Mapping = {
    classes: ['background', 'person'],
    predictions: classTable(parseClassGroups('background=0,person=*')),
    labels: classTable(parseClassGroups('background=*,person=15'), { ignore: [255] }),
  };
  const { counts, ignored } = countPicture(map([0, 3, 3, 0, 9]), map([0, 15, 7, 15, 255]), mapping, 'x');
  expect([...counts]).toEqual([1, 1, 1, 1]);
  expect(ignored[255]).toBe(1);
});

test('sizes that differ and ids that no class takes are errors that name the file', () => {
  const labels = classTable(parseClassGroups('a=0,b=1'));
  const mapping: Mapping = { ...asIs(2), labels };
  expect(() => countPicture(map([0]), map([0, 1]), mapping, 'x')).toThrow(
    'prediction 1×1 and labels 1×2 differ in size',
  );
  expect(() => countPicture(map([0, 0, 0]), map([0, 1, 7]), mapping, 'x.png')).toThrow(
    'x.png: id 7 at row 0, column 2 is not mapped to a class: expected those of a=0,b=1',
  );
  expect(() => countPicture(map([0, 5]), map([0, 1]), mapping, 'x.png')).toThrow(
    'prediction for x.png: id 5 at row 0, column 1',
  );
});

describe('measures', () => {
  const tally = (predicted: readonly number[], truth: readonly number[]) =>
    tallyOf(countPicture(map(predicted), map(truth), asIs(3), 'x'));

  test('by hand', () => {
    const found = measuresOf(tally([0, 0, 0, 1, 1], [0, 0, 1, 1, 255]));
    expect(found.iou).toEqual([2 / 3, 1 / 2, null]);
    expect(found.precision).toEqual([2 / 3, 1, null]);
    expect(found.recall).toEqual([1, 1 / 2, null]);
    expect(found.f1).toEqual([4 / 5, 2 / 3, null]);
    expect(found.miou).toBeCloseTo(7 / 12, 12);
    expect(found.accuracy).toBe(3 / 4);
  });

  test('F1 is the harmonic mean of precision and recall, and 2·IoU/(1 + IoU)', () => {
    fc.assert(
      fc.property(pixels(3), pixels(3), (predicted, truth) => {
        const { iou, f1, precision, recall } = measuresOf(tally(predicted, truth));
        f1.forEach((value, k) => {
          if (value === null) return;
          expect(value).toBeCloseTo((2 * iou[k]!) / (1 + iou[k]!), 12);
          const [p, r] = [precision[k] ?? 0, recall[k] ?? 0];
          expect(value).toBeCloseTo(p + r === 0 ? 0 : (2 * p * r) / (p + r), 12);
        });
      }),
    );
  });

  test('a mean over pictures weighs pictures alike, and leaves out those without the class', () => {
    const pictures = [tally([0, 0, 0, 0], [0, 0, 0, 0]), tally([1, 0], [1, 1]), tally([0], [255])];
    expect(pictureMeans(pictures, 3)).toEqual({
      iou: [(1 + 0) / 2, 1 / 2, null],
      miou: (1 + 1 / 4) / 2,
      accuracy: (1 + 1 / 2) / 2,
    });
  });
});
