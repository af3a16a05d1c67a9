import { expect, test } from 'vitest';
import { ade20k, camVid, cityscapes, parseColor, pascalVoc } from './palette.ts';
import { classShares, colorMask, cutOut, overlay } from './render.ts';

const palette = [
  [0, 0, 0],
  [200, 100, 0],
] as const;
const picture = {
  width: 2,
  height: 2,
  data: Uint8ClampedArray.from({ length: 16 }, (_, i) => (i % 4 === 3 ? 255 : 100)),
};
const labels = { width: 2, height: 2, data: Uint8Array.of(0, 1, 1, 1) };
const pixel = ({ data }: { data: ArrayLike<number> }, i: number) => Array.from(data).slice(4 * i, 4 * i + 4);

test('an overlay mixes picture and class colour', () => {
  expect(pixel(overlay(picture, labels, palette, { opacity: 0 }), 1)).toEqual([100, 100, 100, 255]);
  expect(pixel(overlay(picture, labels, palette, { opacity: 0.5 }), 1)).toEqual([150, 100, 50, 255]);
  expect(pixel(overlay(picture, labels, palette, { opacity: 1 }), 1)).toEqual([200, 100, 0, 255]);
  expect(pixel(overlay(picture, labels, palette, { hidden: [1] }), 1)).toEqual([100, 100, 100, 255]);
});

test('an outline is drawn in full colour where a neighbour is of another class', () => {
  const drawn = overlay(picture, labels, palette, { opacity: 0, outline: true });
  expect(pixel(drawn, 0)).toEqual([0, 0, 0, 255]);
  expect(pixel(drawn, 3)).toEqual([100, 100, 100, 255]);
});

test('a colour mask is opaque; a cut-out is transparent but for its classes', () => {
  expect(pixel(colorMask(labels, palette), 3)).toEqual([200, 100, 0, 255]);
  const cut = cutOut(picture, labels, [1]);
  expect([0, 1, 2, 3].map((i) => pixel(cut, i)[3])).toEqual([0, 255, 255, 255]);
  expect(pixel(cut, 1).slice(0, 3)).toEqual([100, 100, 100]);
});

test('shares add up to one', () => {
  expect(classShares(labels, 3)).toEqual([0.25, 0.75, 0]);
});

test('sizes that differ are an error', () => {
  expect(() => overlay(picture, { width: 4, height: 1, data: labels.data }, palette)).toThrow(
    'differ in size',
  );
  expect(() => cutOut({ ...picture, data: picture.data.subarray(4) }, labels, [1])).toThrow(
    'expected RGBA, 16 bytes',
  );
  expect(() => overlay(picture, labels, palette, { opacity: 2 })).toThrow('opacity 2: expected 0 to 1');
});

test('palettes have a colour per class, as their data sets publish them', () => {
  expect([pascalVoc, cityscapes, ade20k, camVid].map(({ length }) => length)).toEqual([256, 19, 150, 11]);
  expect([pascalVoc[1], pascalVoc[20], pascalVoc[255]]).toEqual([
    [128, 0, 0],
    [0, 64, 128],
    [224, 224, 192],
  ]);
  expect(cityscapes[11]).toEqual([220, 20, 60]); // person
  expect([ade20k[0], ade20k[149]]).toEqual([
    [120, 120, 120],
    [92, 0, 255],
  ]);
  expect(() => parseColor('red')).toThrow('expected #rrggbb');
});
