import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { colorOf, formatColor, parseColor, pascalVoc } from './palette.ts';
import { decodeLabelPng, encodeLabelPng } from './png.ts';
import { namedColors, publishedPalettes } from './test_palettes.ts';

describe.each(Object.entries(publishedPalettes))('%s', (name, [palette, published]) => {
  const classes = namedColors(published);

  test.each(classes.map(({ name: className, color }, id) => ({ className, color, id })))(
    '$className is $color',
    ({ color, id }) => expect(palette[id]).toEqual(color),
  );

  test('has no other colours', () => {
    expect(palette).toHaveLength(name === 'pascalVoc' ? 256 : classes.length);
  });

  test('labels in it are an indexed PNG of 8 bits: ids as indices, the palette’s colours in its order', () => {
    const data = Uint8Array.from(palette.keys());
    const labels = { width: data.length, height: 1, data };
    const file = encodeLabelPng(labels, palette);
    const { channels, depth, palette: colors } = decode(file);
    expect({ channels, depth }).toEqual({ channels: 1, depth: 8 });
    expect(colors).toEqual(palette.map((color) => [...color]));
    expect(decodeLabelPng(file, 'labels.png')).toEqual(labels);
  });
});

test('Pascal VOC’s boundaries', () => {
  expect(pascalVoc[255]).toEqual([224, 224, 192]);
});

test('colours as text and back; ids beyond the palette go around', () => {
  expect(parseColor('#0a10FF')).toEqual([10, 16, 255]);
  expect(formatColor([10, 16, 255])).toBe('#0a10ff');
  expect(() => parseColor('0a10ff')).toThrow('colour "0a10ff": expected #rrggbb');
  expect(
    colorOf(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      3,
    ),
  ).toEqual([4, 5, 6]);
});
