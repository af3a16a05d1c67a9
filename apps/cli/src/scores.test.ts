import { confusionMatrix, countInto, scoresOf } from '@atrous/mask';
import { expect, test } from 'vitest';
import { scoreLines, scoreWarnings } from './scores.ts';

const names = ['sky', 'ground', 'car'];
/** Scores of one row of pixels. */
function scores(predicted: readonly number[], truth: readonly number[]) {
  const matrix = confusionMatrix(names.length);
  const map = (ids: readonly number[]) => ({ width: ids.length, height: 1, data: Uint8Array.from(ids) });
  countInto(matrix, map(predicted), map(truth));
  return scoresOf(matrix);
}

test('scores as text', () => {
  const text = scoreLines(names, scores([0, 0, 1, 0], [0, 0, 0, 255]));
  expect(text.join('\n')).toBe(
    [
      '  sky             66.7 %',
      '  ground           0.0 %  not in the labels',
      '  car     does not occur',
      'mean IoU        33.3 %',
      'pixel accuracy  66.7 %',
      'pixels ignored  25.0 %',
      'not in labels   ground, car',
    ].join('\n'),
  );
});

test('nothing to score is said', () => {
  const text = scoreLines(names, scores([0], [255])).join('\n');
  expect(text).toContain('mean IoU        nothing to score\npixel accuracy  nothing to score');
  expect(text).toContain('pixels ignored  100.0 %');
});

test('every class occurs', () => {
  const complete = scores([0, 1, 2], [0, 1, 2]);
  expect(scoreLines(names, complete).at(-1)).toBe('not in labels   none');
  expect(scoreWarnings(names, complete)).toEqual([]);
});

test('more than a fifth that is ignored is a warning, a fifth is none', () => {
  const fifth = scores([0, 1, 2, 0, 0], [0, 1, 2, 0, 255]);
  expect(scoreWarnings(names, fifth)).toEqual([]);
  const more = scores([0, 1, 2, 0], [0, 1, 2, 9]);
  expect(scoreWarnings(names, more)).toEqual([
    '25.0 % of the pixels are ignored (their label is 9): class ids are 0 to 2; give those pixels one of them if they belong to a class',
  ]);
  const many = scores([0, 1, 2, 0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 9, 9, 10, 11, 12, 13, 14]);
  expect(scoreWarnings(names, many)[0]).toContain('(their label is 9, 10, 11, 12, 13, …)');
});

test('a class that no label has is a warning', () => {
  expect(scoreWarnings(names, scores([0, 1], [0, 0]))).toEqual([
    'not measured, since no label has them: ground, car',
  ]);
  expect(scoreWarnings(names, scores([], []))).toEqual([]);
});
