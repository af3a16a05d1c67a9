import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areasOf } from './areas.ts';
import { addToCvat, cvatDataset, cvatXml } from './cvat.ts';
import type { LabelMap } from './label_map.ts';
import { toLabelMe } from './labelme.ts';
import { labelMaps, mapOf, ringArea } from './test_label_maps.ts';

const classes = ['background', '1', '2', '3'].map((name, id) => ({ id, name, color: '#102030' }));
const ring = mapOf('1111', '1001', '1111', '0000', '0220');

const cvatOf = (labels: LabelMap, options = {}) => {
  const dataset = cvatDataset(classes, options);
  addToCvat(dataset, labels, 'a/photo.jpg');
  return [...cvatXml(dataset)].join('');
};
/** The attributes of each element of a name. */
const elements = (xml: string, name: string) =>
  [...xml.matchAll(new RegExp(`<${name} ([^>]*)>`, 'g'))].map(([, text]) =>
    Object.fromEntries([...text.matchAll(/([\w]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  );

test('LabelMe: a polygon per area, an area with a hole in pieces of one group', () => {
  const { shapes, ...file } = toLabelMe(ring, classes, '../photo.jpg');
  expect(file).toEqual({
    version: expect.stringMatching(/^5\./),
    flags: {},
    imagePath: '../photo.jpg',
    imageData: null,
    imageHeight: 5,
    imageWidth: 4,
  });
  expect(shapes.map(({ label, group_id, points }) => [label, group_id, ringArea(points)])).toEqual([
    ['1', 1, 5],
    ['1', 1, 5],
    ['2', null, 2],
  ]);
  expect(shapes[2]).toEqual({
    label: '2',
    points: [
      [3, 5],
      [1, 5],
      [1, 4],
      [3, 4],
    ],
    group_id: null,
    description: '',
    shape_type: 'polygon',
    flags: {},
    mask: null,
  });
});

test('LabelMe: polygons have the pixels of their class; groups are the areas', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      const { shapes } = toLabelMe(labels, classes, 'x');
      for (const id of [1, 2, 3]) {
        const own = shapes.filter(({ label }) => label === String(id));
        const area = own.reduce((sum, { points }) => sum + ringArea(points), 0);
        expect(area).toBe(labels.data.filter((each) => each === id).length);
      }
      const { id } = areasOf(labels);
      const whole = shapes.filter(({ group_id }) => group_id === null).length;
      const groups = new Set(shapes.flatMap(({ group_id }) => (group_id === null ? [] : [group_id])));
      expect(whole + groups.size).toBe(id.filter((each) => each > 0).length);
    }),
    { numRuns: 25 },
  );
});

test('small areas are left out of both', () => {
  const options = { minArea: 3 };
  expect(toLabelMe(ring, classes, 'x', options).shapes.map(({ label }) => label)).toEqual(['1', '1']);
  expect(elements(cvatOf(ring, options), 'mask').map(({ label }) => label)).toEqual(['1']);
  expect(elements(cvatOf(ring, { ...options, shapes: 'polygons' }), 'polygon')).toHaveLength(2);
});

test('CVAT: labels without the background, masks as runs along the rows of a box', () => {
  const xml = cvatOf(ring);
  expect([...xml.matchAll(/<name>(.*?)<\/name>/g)].map(([, name]) => name)).toEqual(['1', '2', '3']);
  expect(elements(xml, 'image')).toEqual([{ id: '0', name: 'a/photo.jpg', width: '4', height: '5' }]);
  const box = { source: 'auto', occluded: '0', z_order: '0' };
  expect(elements(xml, 'mask')).toEqual([
    { ...box, label: '1', rle: '0, 5, 2, 5', left: '0', top: '0', width: '4', height: '3' },
    { ...box, label: '2', rle: '0, 2', left: '1', top: '4', width: '2', height: '1' },
  ]);
});

test('CVAT: the masks are the label map', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      const found = new Uint8Array(labels.data.length);
      for (const { label, rle, ...box } of elements(cvatOf(labels), 'mask')) {
        const [left, top, width] = [box.left, box.top, box.width].map(Number);
        const runs = rle.split(', ').map(Number);
        expect(runs.reduce((sum, run) => sum + run, 0)).toBe(width * Number(box.height));
        expect(runs.slice(1)).not.toContain(0);
        let at = 0;
        runs.forEach((run, k) => {
          for (const end = at + run; at < end; at++)
            if (k % 2 === 1)
              found[(top + Math.floor(at / width)) * labels.width + left + (at % width)] += Number(label);
        });
      }
      expect(found).toEqual(labels.data);
    }),
    { numRuns: 25 },
  );
});

test('CVAT: polygons in pieces of one group; pictures are counted', () => {
  const polygons = elements(cvatOf(ring, { shapes: 'polygons' }), 'polygon');
  expect(polygons.map(({ label, group_id }) => [label, group_id])).toEqual([
    ['1', '1'],
    ['1', '1'],
    ['2', undefined],
  ]);
  expect(polygons[2].points).toBe('3,5;1,5;1,4;3,4');
  const dataset = cvatDataset(classes);
  for (const name of ['a', 'b']) addToCvat(dataset, ring, name);
  const xml = [...cvatXml(dataset)].join('');
  expect(xml).toContain('<size>2</size>');
  expect(elements(xml, 'image').map(({ id, name }) => [id, name])).toEqual([
    ['0', 'a'],
    ['1', 'b'],
  ]);
});

test('what is background is what the caller says, in every shape', () => {
  const options = { background: [1] };
  const labelsOf = (xml: string, shape: string) => elements(xml, shape).map(({ label }) => label);
  expect(labelsOf(cvatOf(ring, options), 'mask')).toEqual(['background', 'background', '2']);
  const polygons = labelsOf(cvatOf(ring, { ...options, shapes: 'polygons' }), 'polygon');
  expect(new Set(polygons)).toEqual(new Set(['background', '2']));
  expect(new Set(toLabelMe(ring, classes, 'x', options).shapes.map(({ label }) => label))).toEqual(
    new Set(['background', '2']),
  );
});

test('CVAT: names cannot be markup', () => {
  const dataset = cvatDataset([{ id: 1, name: '<"&>\u0001\n', color: '#000000' }]);
  addToCvat(dataset, mapOf('1'), '"><x>.jpg');
  const xml = [...cvatXml(dataset)].join('');
  expect(xml).toContain('<name>&lt;&quot;&amp;&gt;\ufffd&#10;</name>');
  expect(xml).toContain('name="&quot;&gt;&lt;x&gt;.jpg"');
});
