import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LabelMap } from './label_map.ts';
import { decodeRle, encodeRle, regionRles } from './rle.ts';
import { labelMaps } from './test_label_maps.ts';

test('what was encoded is decoded', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      (height, width, ids) => {
        const data = Uint8Array.from(ids.take(height * width));
        const labels: LabelMap = { height, width, data };
        const { data: mask } = decodeRle(encodeRle(labels, 2));
        expect([...mask]).toEqual([...data].map((id) => (id === 2 ? 1 : 0)));
      },
    ),
  );
});

/** From pycocotools 2.0: `encode(numpy.asfortranarray(mask))`. */
const byPycocotools: [
  name: string,
  height: number,
  width: number,
  isInside: (x: number, y: number) => boolean,
  counts: string,
][] = [
  ['a box', 4, 5, (x, y) => x >= 1 && x < 4 && y >= 1 && y < 3, '5220003'],
  ['all', 3, 3, () => true, '09'],
  ['nothing', 2, 7, () => false, '>'],
  [
    'a disc',
    200,
    300,
    (x, y) => (x - 150) ** 2 + (y - 100) ** 2 < 70 ** 2,
    'Qm?g0\\5:G8I6K4K6K4L4L4L4M2M4M2N2M4M2N2N2N2N2N2N2N2N2N2N2N2O0O2N2N2O0O2N2O0O2O0O2O0O2O0O2O000O2O0O2O000O2O00000O2O0000000O2O00000000000000000000000000000000000000000001N100000001N1000001N10001N101N10001N101N101N101N101N2N101N2N2N101N2N2N2N2N2N2N2N2N2N2N2N3L3N2N3L3N3L4L4L4L5J5L5J7H9F\\a?',
  ],
  [
    'a pattern',
    13,
    9,
    (x, y) => (x * 7 + y * 3) % 11 < 4,
    '022O10O10O010O10O010O10O010O10O010O10O010O10O010O10O010O10O010O10OO',
  ],
  ['a corner', 300, 400, (x, y) => x === 399 && y >= 250, '^Te3b1'],
];

test.each(byPycocotools)('%s as pycocotools writes it', (_name, height, width, isInside, counts) => {
  const data = Uint8Array.from({ length: height * width }, (_, i) => {
    return isInside(i % width, Math.floor(i / width)) ? 1 : 0;
  });
  expect(encodeRle({ height, width, data }, 1)).toEqual({ size: [height, width], counts });
  expect(decodeRle({ size: [height, width], counts }).data).toEqual(data);
});

test('the masks of all regions are those of each', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      const rles = regionRles({ ...labels, of: labels.data, count: 5 });
      expect(rles).toEqual([0, 1, 2, 3, 4].map((id) => encodeRle(labels, id)));
    }),
    { numRuns: 40 },
  );
});

test('what is no RLE is an error', () => {
  expect(() => decodeRle({ size: [2, 2], counts: '3' })).toThrow('runs of 3 pixels in a mask of 2×2 = 4');
  expect(() => decodeRle({ size: [2, 2], counts: ' ' })).toThrow('invalid character at index 0');
  expect(() => decodeRle({ size: [2, 2], counts: 'o' })).toThrow('invalid character at index 1');
});
