import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ade20k, camVid, cityscapes, type Palette, pascalVoc } from './palette.ts';
import { decodeLabelPng } from './png.ts';
import { writeTestPng } from './test_png.ts';

const people: Palette = [
  [0, 0, 0],
  [255, 255, 1],
  [1, 2, 3],
];
/** One row of pixels in these colours. */
const rgb = (...colors: (readonly number[])[]) =>
  writeTestPng({ width: colors.length, height: 1, depth: 8, color: 'rgb', samples: colors.flat() });
const black = [0, 0, 0] as const;
const read = (bytes: Uint8Array, palette?: Palette) => decodeLabelPng(bytes, 'labels.png', { palette });
const idsOf = (bytes: Uint8Array, palette?: Palette) => {
  const { data, colors } = read(bytes, palette);
  return [colors, ...data];
};

describe('RGB labels', () => {
  test.each([
    ['Pascal VOC', pascalVoc.slice(0, 21), [1, 20, 15]],
    ['Cityscapes', cityscapes, [0, 18, 7]],
    ['ADE20K', ade20k, [149, 0, 12]],
    ['CamVid', camVid, [10, 4, 9]],
  ] as const)('in the colours of %s', (name, palette, ids) => {
    expect(idsOf(rgb(...ids.map((id) => palette[id])))).toEqual([name, ...ids]);
  });

  test('any labels in the model’s colours are read back', () => {
    const ids = fc.array(fc.nat(2), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(ids, (classes) => {
        expect(idsOf(rgb(...classes.map((id) => people[id])), people)).toEqual(['the model', ...classes]);
      }),
    );
  });

  test('the model’s colours go before those of datasets', () => {
    const model: Palette = [black, pascalVoc[5], pascalVoc[4]];
    expect(idsOf(rgb(pascalVoc[4], pascalVoc[5]), model)).toEqual(['the model', 2, 1]);
    expect(idsOf(rgb(pascalVoc[4], pascalVoc[7]), model)).toEqual(['Pascal VOC', 4, 7]);
  });

  test('black is unlabelled where it is no class, and so is Pascal VOC’s boundary', () => {
    expect(idsOf(rgb(cityscapes[1], black))).toEqual(['Cityscapes', 1, 255]);
    expect(idsOf(rgb(black, [224, 224, 192], pascalVoc[2]))).toEqual(['Pascal VOC', 0, 255, 2]);
    expect(idsOf(rgb(black), [[9, 9, 9]])).toEqual(['the model', 255]);
    expect(idsOf(rgb(black))).toEqual(['Pascal VOC', 0]);
  });

  test('ids in all three channels', () => {
    expect(idsOf(rgb([7, 7, 7], [255, 255, 255], [0, 0, 0]))).toEqual(['ids', 7, 255, 0]);
  });

  test('with alpha when it is opaque', () => {
    const png = { width: 2, height: 1, depth: 8, color: 'rgb+alpha' } as const;
    const opaque = writeTestPng({ ...png, samples: [...cityscapes[1], 255, ...cityscapes[2], 255] });
    expect(idsOf(opaque)).toEqual(['Cityscapes', 1, 2]);
    const clear = writeTestPng({ ...png, samples: [...cityscapes[1], 255, ...cityscapes[2], 0] });
    expect(() => read(clear)).toThrow(
      'labels.png: expected class ids, got transparent pixels (alpha 0 of 255 at row 0, column 1)',
    );
  });

  test.each<[string, Uint8Array, string]>([
    [
      'a colour of nobody',
      rgb(black, [1, 2, 4]),
      '#010204 at row 0, column 1 is of none of the model, Pascal VOC',
    ],
    ['a colour that Pascal VOC has for no class', rgb(pascalVoc[22]), 'is of none of the model, Pascal VOC'],
    ['colours of two palettes', rgb(cityscapes[1], ade20k[1]), 'no palette has all of its 2 colours'],
    [
      'what means two things',
      rgb([128, 128, 128]),
      'of Pascal VOC and of CamVid, which mean different classes',
    ],
    [
      'a colour of two classes',
      rgb(ade20k[1], ade20k[6]),
      '#8c8c8c is the colour of the classes 6 and 48 of ADE20K',
    ],
    [
      'a photograph',
      rgb(...Array.from({ length: 1025 }, (_, i) => [i & 255, i >> 8, 77])),
      'more than 1024 colours',
    ],
  ])('%s is an error', (_name, bytes, message) => {
    expect(() => read(bytes, people)).toThrow(expect.objectContaining({ code: 'format' }));
    expect(() => read(bytes, people)).toThrow(message);
  });
});

test('a model of more than 256 classes', () => {
  const many: Palette = Array.from({ length: 300 }, (_, id) => [id & 255, id >> 8, 9]);
  const { data } = read(rgb(many[299], many[3]), many);
  expect(data).toEqual(Uint16Array.of(299, 3));
});
