import fc from 'fast-check';
import { expect, test } from 'vitest';
import { confusionMatrix, countInto, scoresOf } from './scores.ts';

const map = (...data: number[]) => ({ width: data.length, height: 1, data: Uint8Array.from(data) });

test('scores by hand', () => {
  const matrix = confusionMatrix(4);
  countInto(matrix, map(0, 0, 1, 1, 2), map(0, 1, 1, 255, 2));
  const { iou, miou, accuracy } = scoresOf(matrix);
  expect(iou).toEqual([1 / 2, 1 / 2, 1, null]); // 255 is not counted, class 3 does not occur
  expect(miou).toBeCloseTo(2 / 3, 12);
  expect(accuracy).toBe(3 / 4);
});

test('IoU is intersection over union of sets of pixels', () => {
  const ids = fc.array(fc.nat(3), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(ids, ids, (predicted, truth) => {
      const matrix = confusionMatrix(4);
      countInto(matrix, map(...predicted), map(...truth));
      const { iou } = scoresOf(matrix);
      iou.forEach((value, k) => {
        const both = truth.filter((id, i) => id === k && predicted[i] === k).length;
        const either = truth.filter((id, i) => id === k || predicted[i] === k).length;
        expect(value).toBe(either === 0 ? null : both / either);
      });
    }),
  );
});

test('sizes that differ are an error', () => {
  expect(() => countInto(confusionMatrix(2), map(0), map(0, 1))).toThrow('prediction 1×1 and labels 1×2');
});

test('nothing counted scores nothing: null, not 0', () => {
  const nothing = { iou: [null, null], miou: null, accuracy: null, absent: [0, 1] };
  expect(scoresOf(confusionMatrix(2))).toEqual({ ...nothing, ignored: null, ignoredIds: [] });
  const matrix = confusionMatrix(2);
  countInto(matrix, map(0, 1), map(255, 255));
  expect(scoresOf(matrix)).toEqual({ ...nothing, ignored: 1, ignoredIds: [255] });
});

test('what is left out is said: its share, its ids by how often, and the classes that no label has', () => {
  const matrix = confusionMatrix(3);
  countInto(matrix, map(0, 0, 2, 1, 1), map(0, 255, 255, 7, 1));
  countInto(matrix, map(0, 0, 0), { ...map(0, 0, 0), data: Uint16Array.of(0, 0, 300) });
  const { ignored, ignoredIds, absent, accuracy, iou } = scoresOf(matrix);
  expect([ignored, ignoredIds, absent]).toEqual([4 / 8, [255, 7, 300], [2]]);
  expect([accuracy, iou]).toEqual([1, [1, 1, null]]);
});

test('a class that is taken for others and has no label is absent, and scores 0', () => {
  const matrix = confusionMatrix(2);
  countInto(matrix, map(0, 1), map(0, 0));
  expect(scoresOf(matrix)).toMatchObject({ iou: [1 / 2, 0], absent: [1], miou: 1 / 4 });
});

test('the id to ignore is left out where it is below the class count, too', () => {
  const matrix = confusionMatrix(3);
  countInto(matrix, map(0, 1, 2), map(0, 1, 1), 0);
  expect(scoresOf(matrix)).toMatchObject({
    accuracy: 1 / 2,
    ignored: 1 / 3,
    ignoredIds: [0],
    absent: [0, 2],
  });
});

test('a prediction that is no class is an error', () => {
  expect(() => countInto(confusionMatrix(2), map(2), map(0))).toThrow(
    'prediction 2 is none of the 2 classes',
  );
});
