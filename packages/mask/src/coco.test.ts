import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCoco } from './coco.ts';
import { decodeRle } from './rle.ts';

const classes = [
  { id: 0, name: 'background', color: '#000000' },
  { id: 1, name: 'hair', color: '#8c564b' },
  { id: 2, name: 'skin', color: '#ffbb78' },
];

test('a picture with two of three classes', () => {
  const labels = { width: 4, height: 3, data: Uint8Array.from([0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 2, 0]) };
  const { images, categories, annotations } = toCoco(labels, classes, 'photo.jpg');
  expect(images).toEqual([{ id: 1, file_name: 'photo.jpg', width: 4, height: 3 }]);
  expect(categories.map(({ name }) => name)).toEqual(['background', 'hair', 'skin']);
  expect(annotations).toMatchObject([
    { id: 1, category_id: 0, area: 9, bbox: [0, 0, 4, 3], iscrowd: 1 },
    { id: 2, category_id: 2, area: 3, bbox: [1, 1, 2, 2], segmentation: { size: [3, 4] } },
  ]);
});

test('areas and boxes are those of the run lengths', () => {
  const maps = fc
    .record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) })
    .chain(({ width, height }) =>
      fc
        .array(fc.integer({ min: 0, max: 2 }), { minLength: width * height, maxLength: width * height })
        .map((ids) => ({ width, height, data: Uint8Array.from(ids) })),
    );
  fc.assert(
    fc.property(maps, (labels) => {
      for (const { area, bbox, category_id, segmentation } of toCoco(labels, classes, 'x').annotations) {
        const bits = decodeRle(segmentation).data;
        const at = [...bits.keys()].filter((i) => bits[i] === 1);
        expect(at).toEqual([...labels.data.keys()].filter((i) => labels.data[i] === category_id));
        expect(area).toBe(at.length);
        const [xs, ys] = [at.map((i) => i % labels.width), at.map((i) => Math.floor(i / labels.width))];
        const [left, top] = [Math.min(...xs), Math.min(...ys)];
        expect(bbox).toEqual([left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1]);
      }
    }),
  );
});
