import { formatColor } from '@atrous/mask';
import { describe, expect, test } from 'vitest';
import { chosenPalette, type PaletteName, palettes } from './palettes.ts';

const classes = [
  { id: 0, name: 'background', color: '#000000' },
  ...Array.from({ length: 11 }, (_, i) => ({ id: i + 1, name: `class ${i}`, color: '#123456' })),
];
const names = Object.keys(palettes) as PaletteName[];

describe.each(names)('%s', (name) => {
  test('a colour per class, background as the model has it', () => {
    const palette = chosenPalette(name, classes);
    expect(palette).toHaveLength(classes.length);
    expect(palette[0]).toEqual([0, 0, 0]);
  });
});

test('twelve classes have twelve colours where there are as many', () => {
  const colors = chosenPalette('krzywinski', classes).map(formatColor);
  expect(new Set(colors).size).toBe(12);
});
