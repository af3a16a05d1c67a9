import { ade20k, camVid, cityscapes, formatColor, pascalVoc } from '@atrous/mask';
import { expect, test } from 'vitest';
import { publishedPalettes } from '../../../mask/src/test_palettes.ts';
import { imagenetNames } from './imagenet.ts';
import { labelSets, labelsFor } from './sets.ts';

test("ImageNet's names: a thousand, all different, in the order of the ids", () => {
  expect(imagenetNames).toHaveLength(1000);
  expect(new Set(imagenetNames).size).toBe(1000);
  expect(imagenetNames.every((name) => /^[\w'\-. ]+$/.test(name) && name === name.trim())).toBe(true);
  const known = { 0: 'tench', 207: 'golden retriever', 281: 'tabby', 340: 'zebra', 999: 'toilet tissue' };
  for (const [id, name] of Object.entries(known)) expect(imagenetNames[Number(id)]).toBe(name);
});

test('ImageNet is known by its count, with and without the background', async () => {
  expect(await labelsFor(1000)).toMatchObject({ set: 'ImageNet', labels: { 0: { id: 0, name: 'tench' } } });
  const { labels } = await labelsFor(1001);
  expect([labels[0].name, labels[1].name, labels.length]).toEqual(['background', 'tench', 1001]);
});

const published = (name: keyof typeof publishedPalettes): string[] =>
  publishedPalettes[name][1].split(';').map((entry) => entry.trim().replace(/\s+[\d,]+$/, ''));
const letters = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

test.each([
  ['PASCAL VOC', 'pascalVoc', pascalVoc, 21],
  ['Cityscapes', 'cityscapes', cityscapes, 19],
  ['CamVid', 'camVid', camVid, 11],
  ['ADE20K', 'ade20k', ade20k, 150],
] as const)(
  '%s has the names that its palette was published with, in its colours',
  async (set, key, palette, count) => {
    const { names } = labelSets.find(({ name }) => name === set)!;
    expect(names).toHaveLength(count);
    const { set: found, labels } = await labelsFor(count);
    expect(found).toBe(set);
    expect(labels.map(({ color }) => color)).toEqual(palette.slice(0, count).map(formatColor));
    const theirs = published(key);
    theirs.forEach((name, id) => {
      if (theirs.length === count) expect(letters(names[id])).toBe(letters(name));
      else expect(names.map(letters)).toContain(letters(name));
    });
  },
);

test('classes of no known dataset are numbered', async () => {
  expect(await labelsFor(2)).toEqual({
    labels: [
      { id: 0, name: 'class 0', color: '#000000' },
      { id: 1, name: 'class 1', color: '#800000' },
    ],
  });
});
