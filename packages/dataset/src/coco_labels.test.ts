import { addToCoco, cocoDataset, type LabelMap } from '@atrous/mask';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCoco } from './coco_labels.ts';
import { fillPolygon } from './polygon.ts';

/** Polygons that reach over the edges, as pycocotools 2 fills them (`frPyObjects`, `decode`). */
const golden: { points: number[]; rows: string[] }[] = [
  {
    points: [-1.0, 19.0, 10.0, 3.0, 6.0, 18.0],
    rows: [
      '...............',
      '...............',
      '...............',
      '...............',
      '.........#.....',
      '........#......',
      '........#......',
      '.......##......',
      '......###......',
      '......##.......',
      '.....###.......',
      '....####.......',
      '....###........',
      '...####........',
      '..#####........',
      '.######........',
      '.#####.........',
    ],
  },
  {
    points: [-1.61, 6.49, -1.97, 4.04, 7.17, 0.44, 4.82, 7.67, 4.65, -0.21, 12.67, 3.38, 14.78, 0.83],
    rows: [
      '.....#...........',
      '....#..#.....#...',
      '..###.####.##....',
      '#####.#..........',
      '####.#...........',
      '#................',
      '.................',
      '.................',
    ],
  },
  {
    points: [6.0, 3.0, 8.0, 4.0, 7.0, 6.0],
    rows: [
      '......',
      '......',
      '......',
      '......',
      '......',
      '......',
      '......',
      '......',
      '......',
      '......',
    ],
  },
  {
    points: [11.34, 5.15, 14.77, 1.69, 6.2, 13.16, 5.99, 11.55],
    rows: [
      '.................',
      '.................',
      '.................',
      '.................',
      '............#....',
      '...........#.....',
      '..........#......',
      '.........#.......',
      '.........#.......',
      '........#........',
      '.......#.........',
      '......#..........',
      '......#..........',
      '.................',
      '.................',
    ],
  },
  {
    points: [2.0, 8.0, 3.0, 15.0, 1.0, 5.0],
    rows: [
      '.......',
      '.......',
      '.......',
      '.......',
      '.......',
      '.......',
      '.#.....',
      '.......',
      '.......',
      '.......',
      '.......',
      '..#....',
      '.......',
      '.......',
    ],
  },
  {
    points: [2.32, 7.88, 1.62, 2.86, -0.31, 8.3],
    rows: [
      '...................',
      '...................',
      '...................',
      '.#.................',
      '.#.................',
      '.#.................',
      '##.................',
      '##.................',
    ],
  },
  {
    points: [2.0, 5.0, 17.0, 17.0, 8.0, 8.0, 12.0, 16.0, 5.0, 15.0],
    rows: [
      '.................',
      '.................',
      '.................',
      '.................',
      '.................',
      '..#..............',
      '..##.............',
      '...##............',
      '...###..#........',
      '...#####.#.......',
      '....#######......',
      '....########.....',
      '....######.##....',
      '.....######..#...',
      '.....######...#..',
      '.........###...#.',
      '................#',
    ],
  },
  {
    points: [1.88, 0.31, 4.6, 2.05, 5.68, -0.06],
    rows: ['..###.', '....#.', '......', '......', '......', '......'],
  },
];

test.each(golden)('pycocotools fills $points so', ({ points, rows }) => {
  const [height, width] = [rows.length, rows[0].length];
  const pixels = rows.map(() => new Array<string>(width).fill('.'));
  fillPolygon(points, { width, height }, (start, length) => {
    for (let at = start; at < start + length; at++) pixels[at % height][Math.floor(at / height)] = '#';
  });
  expect(pixels.map((row) => row.join(''))).toEqual(rows);
});

const classes = [0, 1, 2].map((id) => ({
  id,
  name: id === 0 ? 'background' : `class ${id}`,
  color: '#000000',
}));

test('what mask writes is read: RLE of areas and of classes', () => {
  const labels = fc
    .array(fc.nat(2), { minLength: 42, maxLength: 42 })
    .map((ids): LabelMap => ({ width: 7, height: 6, data: Uint8Array.from(ids) }));
  fc.assert(
    fc.property(labels, fc.constantFrom('instances' as const, 'classes' as const), (given, objects) => {
      const dataset = cocoDataset(classes, { objects });
      addToCoco(dataset, given, 'a.jpg');
      expect(openCoco(JSON.stringify(dataset.file), 'x').labelsOf('a.jpg')).toEqual(given);
    }),
  );
});

describe('segmentations', () => {
  const read = (...annotations: unknown[]) =>
    openCoco(
      JSON.stringify({
        images: [{ id: 7, file_name: 'a.jpg', width: 3, height: 2 }],
        categories: [{ id: 1, name: 'person' }],
        annotations: annotations.map((annotation) => ({
          image_id: 7,
          category_id: 1,
          ...Object(annotation),
        })),
      }),
      'x.json',
    ).labelsOf('a.jpg');

  test('counts by columns; the later annotation stands; ids above 255 are wide', () => {
    const first = { segmentation: { size: [2, 3], counts: [1, 3, 2] } };
    expect([...read(first).data]).toEqual([0, 1, 0, 1, 1, 0]);
    const second = { category_id: 300, segmentation: [[1, 0, 3, 0, 3, 1, 1, 1]] };
    expect(read(first, second).data).toEqual(Uint16Array.of(0, 300, 300, 1, 1, 0));
  });

  test.each([
    [{ segmentation: [[1, 2, 3, 4]] }, 'x.json: a.jpg: expected polygons of at least three points'],
    [{ segmentation: { size: [3, 2], counts: [6] } }, 'an RLE whose size is [2, 3]'],
    [
      { segmentation: { size: [2, 3], counts: [1, 2] } },
      'expected the counts of an RLE to add up to 6 pixels',
    ],
    [{ segmentation: { size: [2, 3], counts: [7, -1] } }, 'add up to 6 pixels'],
    [{}, 'expected polygons, or an RLE whose size is'],
    [{ category_id: 65536 }, 'annotations[0]: expected image_id, and a category_id of at most 65535'],
  ])('%j is an error', (annotation, message) => {
    expect(() => read(annotation)).toThrow(message);
  });
});

test('files that are not COCO, and pictures that are not listed', () => {
  expect(() => openCoco('{', 'x.json')).toThrow('x.json: is not JSON');
  expect(() => openCoco('{}', 'x.json')).toThrow('x.json: expected a COCO file with a list "images"');
  expect(() => openCoco('{"images":[{}]}', 'x.json')).toThrow('x.json: images[0]: expected id, file_name');
  const empty = openCoco('{"images":[],"annotations":[],"categories":[]}', 'x.json');
  expect(empty.pictures).toEqual([]);
  expect(() => empty.labelsOf('a.jpg')).toThrow('x.json: lists no picture "a.jpg"');
});
