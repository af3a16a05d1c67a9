import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areasOf } from './areas.ts';
import { addToCoco, type CocoFile, cocoDataset, cocoJson, toCoco } from './coco.ts';
import type { LabelMap } from './label_map.ts';
import { type CocoRle, decodeRle } from './rle.ts';
import { covers, labelMaps, mapOf } from './test_label_maps.ts';

const classes = ['background', 'hair', 'skin', 'top'].map((name, id) => ({ id, name, color: '#000000' }));
const labels = mapOf('0011', '2020', '2220');

const isRle = (segmentation: CocoFile['annotations'][number]['segmentation']): segmentation is CocoRle =>
  'counts' in segmentation;

/** The pixels of an annotation, as indices. */
function pixelsOf({ segmentation }: CocoFile['annotations'][number], { width, data }: LabelMap): number[] {
  const inside = isRle(segmentation)
    ? decodeRle(segmentation).data
    : data.map((_, i) => {
        const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
        const rings = segmentation.map((flat) =>
          Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k], flat[2 * k + 1]] as const),
        );
        return Number(rings.some((outer) => covers({ outer, holes: [] }, x, y)));
      });
  return [...inside.keys()].filter((i) => inside[i] === 1);
}

test('an annotation for every connected area, without the background', () => {
  expect(toCoco(labels, classes, 'photo.jpg')).toMatchObject({
    images: [{ id: 1, file_name: 'photo.jpg', width: 4, height: 3 }],
    categories: [
      { id: 1, name: 'hair' },
      { id: 2, name: 'skin' },
      { id: 3, name: 'top' },
    ],
    annotations: [
      { id: 1, image_id: 1, category_id: 1, iscrowd: 0, area: 2, bbox: [2, 0, 2, 1] },
      { id: 2, image_id: 1, category_id: 2, iscrowd: 0, area: 5, bbox: [0, 1, 3, 2] },
    ],
  });
});

test('or one for every class that occurs', () => {
  const apart = mapOf('1010', '0002');
  const { annotations } = toCoco(apart, classes, 'x', { objects: 'classes' });
  expect(annotations).toMatchObject([
    { category_id: 1, area: 2, bbox: [0, 0, 3, 1] },
    { category_id: 2, area: 1, bbox: [3, 1, 1, 1] },
  ]);
  expect(toCoco(apart, classes, 'x').annotations).toHaveLength(3);
});

test.each([
  ['class 0 is an object: ids are one more', ['road', 'car'], undefined, [1, 2]],
  ['class 0 is background', ['Background', 'car'], undefined, [1]],
  ['background by another name and place', ['car', 'bg'], undefined, [1]],
  ['what is background can be said', ['background', 'void', 'car'], [1, 2], [1]],
])('%s', (_name, names, background, ids) => {
  const named = names.map((name, id) => ({ id, name, color: '#000000' }));
  expect(toCoco(labels, named, 'x', { background }).categories.map(({ id }) => id)).toEqual(ids);
});

test.each([{}, { objects: 'classes' }, { polygons: true }, { objects: 'classes', polygons: true }] as const)(
  'areas, boxes and segmentations are those of the label map: %o',
  (options) => {
    fc.assert(
      fc.property(labelMaps, (map) => {
        const { annotations } = toCoco(map, classes, 'x', options);
        const covered = new Uint8Array(map.data.length);
        for (const annotation of annotations) {
          const own = pixelsOf(annotation, map);
          for (const i of own) covered[i] += annotation.category_id;
          const [xs, ys] = [own.map((i) => i % map.width), own.map((i) => Math.floor(i / map.width))];
          const [left, top] = [Math.min(...xs), Math.min(...ys)];
          expect(annotation.area).toBe(own.length);
          expect(annotation.bbox).toEqual([left, top, Math.max(...xs) - left + 1, Math.max(...ys) - top + 1]);
        }
        expect(covered).toEqual(map.data);
        const { count, id } = areasOf(map);
        const objects = Array.from({ length: count }, (_, area) => id[area]).filter((each) => each > 0);
        expect(annotations).toHaveLength('objects' in options ? new Set(objects).size : objects.length);
      }),
      { numRuns: 20 },
    );
  },
);

test('polygons only where there are no holes', () => {
  const map = mapOf('11100', '10102', '11100');
  const { annotations } = toCoco(map, classes, 'x', { polygons: true });
  expect(annotations.map(({ segmentation }) => isRle(segmentation))).toEqual([true, false]);
  expect(annotations[1].segmentation).toEqual([[5, 1, 5, 2, 4, 2, 4, 1]]);
});

test('simplified polygons have the area and the box that they draw', () => {
  const stairs = mapOf('1000', '1100', '1110', '1111');
  const [{ area, bbox, segmentation }] = toCoco(stairs, classes, 'x', {
    polygons: true,
    tolerance: 1,
  }).annotations;
  expect(segmentation).toHaveLength(1);
  expect(area).toBeLessThan(16);
  expect(Number.isInteger(2 * area)).toBe(true);
  expect(bbox).toEqual([0, 0, 4, 4]);
});

test('small areas are left out, of classes as well', () => {
  const map = mapOf('1100', '0001');
  expect(toCoco(map, classes, 'x', { minArea: 2 }).annotations).toMatchObject([{ area: 2 }]);
  expect(toCoco(map, classes, 'x', { minArea: 2, objects: 'classes' }).annotations).toMatchObject([
    { area: 2 },
  ]);
});

test('many pictures: ids go on; the pieces are the file', () => {
  const dataset = cocoDataset(classes);
  for (const name of ['a.jpg', 'b.jpg']) addToCoco(dataset, labels, name);
  const { images, annotations } = dataset.file;
  expect(images.map(({ id, file_name }) => [id, file_name])).toEqual([
    [1, 'a.jpg'],
    [2, 'b.jpg'],
  ]);
  expect(annotations.map(({ id, image_id }) => [id, image_id])).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
  ]);
  expect(JSON.parse([...cocoJson(dataset)].join(''))).toEqual(dataset.file);
});

test('a refused option leaves the dataset as it was', () => {
  const dataset = cocoDataset(classes, { polygons: true, tolerance: -1 });
  expect(() => addToCoco(dataset, labels, 'x')).toThrow('tolerance -1');
  expect(dataset.file.images).toEqual([]);
});
