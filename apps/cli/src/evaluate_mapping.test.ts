import { ignoredPixel, unmapped } from '@atrous/dataset';
import { describe, expect, test } from 'vitest';
import { classGroups, idGroups } from './classes.ts';
import { evaluateMapping } from './evaluate_mapping.ts';

const model = { names: ['background', 'hair', 'skin', 'top'], ignoreId: 4 };
const at = (table: Int32Array, ...ids: number[]) => ids.map((id) => table[id]);

test('nothing said: ids are classes, the model’s own id and ids from the class count up are ignored', () => {
  const { classes, predictions, labels } = evaluateMapping({}, { ...model, ignoreId: 2 });
  expect(classes).toEqual(model.names);
  expect(at(predictions.table, 0, 2, 3)).toEqual([0, 2, 3]);
  expect(at(labels.table, 0, 2, 3, 4, 255)).toEqual([0, ignoredPixel, 3, ignoredPixel, ignoredPixel]);
});

describe('--classes', () => {
  const said = (text: string, more = {}) => evaluateMapping({ classes: classGroups(text), ...more }, model);

  test('is for both sides, by ids or names; ignored ids stay ignored', () => {
    const { classes, predictions, labels } = said('background=0,person=hair+2+3');
    expect(classes).toEqual(['background', 'person']);
    expect(at(predictions.table, 0, 1, 2, 3)).toEqual([0, 1, 1, 1]);
    expect(at(labels.table, 0, 1, 2, 3, 4, 9, 255)).toEqual([
      0,
      1,
      1,
      1,
      ignoredPixel,
      ignoredPixel,
      ignoredPixel,
    ]);
  });

  test('* takes the rest of the model’s classes, and of the labels what they have of them', () => {
    const { predictions, labels } = said('background=0,person=*');
    expect(at(predictions.table, 0, 1, 2, 3)).toEqual([0, 1, 1, 1]);
    expect(at(labels.table, 0, 3, 4, 255)).toEqual([0, 1, ignoredPixel, ignoredPixel]);
  });

  test('--ignore takes the place of the model’s id', () => {
    const { labels } = said('background=0,person=1+2+3', { ignore: [7] });
    expect(at(labels.table, 3, 4, 7)).toEqual([1, ignoredPixel, ignoredPixel]);
    expect(() => said('background=0,person=1+2+3', { ignore: [3] })).toThrow(
      'id 3 is mapped to class "person" and ignored',
    );
  });

  test.each([
    ['background=0,person=1+2', 'no class takes 3 (top) of the model'],
    [
      'background=0,person=1+2+3+15',
      'class "person" takes id 15, which the model does not have: the model has 0',
    ],
    ['background=0,person=hat+*', 'unknown member "hat": expected an id, one of the names background, hair'],
  ])('%s is an error', (text, message) => {
    expect(() => said(text)).toThrow(message);
  });
});

describe('--label-classes', () => {
  const classes = classGroups('background=0,person=*');
  const said = (text: string, ignore?: number[]) =>
    evaluateMapping({ classes, labelClasses: idGroups(text), ignore }, model).labels.table;

  test('are ids of the labels, in whatever order, 255 ignored, not the model’s id', () => {
    expect(at(said('person=15,background=*'), 0, 4, 15, 254, 255)).toEqual([0, 0, 1, 0, ignoredPixel]);
    expect(at(said('background=0,person=15', [9]), 0, 1, 9, 15, 255)).toEqual([
      0,
      unmapped,
      ignoredPixel,
      1,
      unmapped,
    ]);
  });

  test('may leave classes out, and need no --classes', () => {
    const { labels } = evaluateMapping({ labelClasses: idGroups('background=1,top=2') }, model);
    expect(at(labels.table, 1, 2, 3)).toEqual([0, 3, unmapped]);
    expect(labels.expected).toBe(
      'those of background=1,top=2, or 255 to be ignored; extend --label-classes or use --ignore',
    );
  });

  test('a class that is not counted is an error', () => {
    expect(() => said('background=0,persons=15')).toThrow(
      '--label-classes: unknown class "persons": expected some of background, person',
    );
    expect(() => idGroups('background=0,person=hair')).toThrow('expected an id from 0 to 65535');
  });
});
