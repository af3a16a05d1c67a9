import { expect, test } from 'vitest';
import { formatByName, labelFormats, withClassIds } from './label_formats.ts';

const map = (...ids: number[]) => ({ width: ids.length, height: 1, data: Uint16Array.from(ids) });

test('names tell whose ids a file has', () => {
  expect(
    [
      'gt/frankfurt_000000_000294_gtFine_labelIds.png',
      'aachen_000000_000019_gtCoarse_labelIds.png',
      'frankfurt_000000_000294_gtFine_labelTrainIds.png',
      'annotations/ADE_val_00000001.png',
      '2007_000033.png',
    ].map(formatByName),
  ).toEqual(['cityscapes', 'cityscapes', 'ids', 'ade20k', 'ids']);
});

test('Cityscapes: road is 7 and bicycle 33; parking, trailer and what has no label are not counted', () => {
  const { data } = withClassIds(map(7, 8, 33, 32, 0, 9, 30, 255, 65535), 'cityscapes', 'x.png');
  expect([...data]).toEqual([0, 1, 18, 17, 255, 255, 255, 255, 255]);
  expect(labelFormats.cityscapes.ids.filter((id) => id !== 255)).toEqual(
    Array.from({ length: 19 }, (_, k) => k),
  );
});

test('ADE20K: 0 has no label, ids are one more than classes', () => {
  expect([...withClassIds(map(0, 1, 150), 'ade20k', 'x.png').data]).toEqual([255, 0, 149]);
});

test('an id that the dataset does not have names the file and the place; colours have the ids of classes', () => {
  expect(() => withClassIds(map(7, 34), 'cityscapes', 'x.png')).toThrow(
    'x.png: id 34 at row 0, column 1 is none of Cityscapes',
  );
  const colored = { ...map(18), colors: 'Cityscapes' as const };
  expect(withClassIds(colored, 'cityscapes', 'x.png')).toBe(colored);
  expect(withClassIds(map(7), 'ids', 'x.png').data[0]).toBe(7);
});
