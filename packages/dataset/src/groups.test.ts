import { expect, test } from 'vitest';
import { colourGroup, groupsOf, sizeGroup, sizeGroups, type Tags } from './groups.ts';
import { lowest, type ScoredPicture, summarize, summarizeGroups } from './summary.ts';
import type { Tally } from './tally.ts';

const tally = (truth: number[], both: number[] = truth, predicted: number[] = truth): Tally => ({
  truth: Float64Array.from(truth),
  predicted: Float64Array.from(predicted),
  both: Float64Array.from(both),
});

test('sizes by share of the counted pixels, bounds belonging to the larger', () => {
  const group = (pixels: number) => sizeGroup(tally([1000 - pixels, pixels]), [1]);
  expect([0, 1, 19, 20, 99, 100, 299, 300, 1000].map(group)).toEqual([
    'none',
    'under 2 %',
    'under 2 %',
    '2 to 10 %',
    '2 to 10 %',
    '10 to 30 %',
    '10 to 30 %',
    '30 % and more',
    '30 % and more',
  ]);
  expect(sizeGroup(tally([90, 4, 6]), [1, 2])).toBe('10 to 30 %');
  expect(sizeGroup(tally([0, 0]), [1])).toBe('none');
});

test('grey is what differs by rounding alone', () => {
  const size = { width: 2, height: 1 };
  expect(colourGroup(Uint8Array.of(10, 12, 11, 255, 200, 198, 200, 0), size)).toBe('grey');
  expect(colourGroup(Uint8Array.of(10, 12, 11, 200, 190, 170), size)).toBe('colour');
  expect(colourGroup(Uint8Array.of(10, 13, 10, 200, 203, 200), size)).toBe('colour');
  expect(colourGroup(Uint8Array.of(1, 200), size)).toBe('grey');
});

test('groups: sizes from small to large, others by name, pictures without a tag in none', () => {
  const tags: Tags[] = [
    { size: sizeGroups[4], place: 'outdoor' },
    { size: sizeGroups[1] },
    { place: 'indoor' },
  ];
  expect(groupsOf(tags)).toEqual([
    { by: 'size', group: 'under 2 %', members: [1] },
    { by: 'size', group: '30 % and more', members: [0] },
    { by: 'place', group: 'indoor', members: [2] },
    { by: 'place', group: 'outdoor', members: [0] },
  ]);
});

const pictures: ScoredPicture[] = [
  { name: 'a', tally: tally([6, 4], [6, 4]), tags: { place: 'indoor' } },
  { name: 'b', tally: tally([6, 4], [5, 2], [7, 3]), tags: { place: 'outdoor' } },
  { name: 'c', tally: tally([8, 0], [8, 0], [8, 0]), tags: { place: 'outdoor' } },
  { name: 'd', tally: tally([0, 0]), tags: {} },
];

test('a summary: one ratio over all pixels beside means over pictures', () => {
  const { classes, miou, miouOverPictures, pictures: count } = summarize(pictures, ['sky', 'car']);
  expect(count).toBe(4);
  expect(classes.car).toMatchObject({
    pictures: 2,
    pixels: 8,
    iou: { value: 6 / 9 },
    precision: { value: 6 / 7 },
    recall: { value: 6 / 8 },
    f1: { value: 12 / 15 },
    iouOverPictures: (1 + 2 / 5) / 2,
  });
  expect(miou.value).toBeCloseTo((19 / 22 + 6 / 9) / 2, 12);
  expect(miouOverPictures).toBeCloseTo((1 + (5 / 8 + 2 / 5) / 2 + 1) / 3, 12);
  for (const { low, value, high } of [miou, classes.car.iou, classes.sky.f1]) {
    expect(low!).toBeLessThanOrEqual(value!);
    expect(high!).toBeGreaterThanOrEqual(value!);
  }
});

test('summaries by group are those of the pictures in it; one picture has no interval', () => {
  const [indoor, outdoor] = summarizeGroups(pictures, ['sky', 'car']);
  expect(indoor).toMatchObject({ by: 'place', group: 'indoor', pictures: 1 });
  expect(indoor.miou).toEqual({ value: 1, low: null, high: null });
  expect(outdoor).toEqual({
    by: 'place',
    group: 'outdoor',
    ...summarize(pictures.slice(1, 3), ['sky', 'car']),
  });
});

test('the lowest pictures, those without a score left out', () => {
  expect(lowest(pictures, 9).map(({ picture }) => picture)).toEqual(['b', 'a', 'c']);
  expect(lowest(pictures, 1)).toEqual([{ picture: 'b', miou: (5 / 8 + 2 / 5) / 2 }]);
});
