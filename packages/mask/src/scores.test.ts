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

test('nothing counted scores nothing', () => {
  expect(scoresOf(confusionMatrix(2))).toEqual({ iou: [null, null], miou: 0, accuracy: 0 });
});
