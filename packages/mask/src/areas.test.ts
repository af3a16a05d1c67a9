import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areasOf } from './areas.ts';
import { areaPolygons } from './contours.ts';
import { withoutHoles } from './holes.ts';
import type { LabelMap } from './label_map.ts';
import { discMaps, labelMaps, mapOf, polygonArea } from './test_label_maps.ts';

/** Flood fill from every pixel that has no area yet, in reading order. */
function flooded({ width, height, data }: LabelMap): number[] {
  const of = new Array<number>(data.length).fill(-1);
  let count = 0;
  for (const first of of.keys()) {
    if (of[first] >= 0) continue;
    const open = [first];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      of[i] = count;
      const [x, y] = [i % width, Math.floor(i / width)];
      const sides = [x > 0 && i - 1, x < width - 1 && i + 1, y > 0 && i - width, y < height - 1 && i + width];
      for (const side of sides) if (side !== false && of[side] < 0 && data[side] === data[i]) open.push(side);
    }
    count++;
  }
  return of;
}

test('areas are those of a flood fill, with their class, pixels and box', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      const areas = areasOf(labels);
      const expected = flooded(labels);
      expect([...areas.of]).toEqual(expected);
      expect(areas.count).toBe(Math.max(...expected) + 1);
      const numbers = Array.from({ length: areas.count }, (_, area) => area);
      const own = numbers.map((area) => [...expected.keys()].filter((i) => expected[i] === area));
      expect([...areas.id]).toEqual(own.map(([first]) => labels.data[first]));
      expect([...areas.first]).toEqual(own.map(([first]) => first));
      expect([...areas.pixels]).toEqual(own.map(({ length }) => length));
      const boxes = own.flatMap((pixels) => {
        const xs = pixels.map((i) => i % labels.width);
        const ys = pixels.map((i) => Math.floor(i / labels.width));
        return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
      });
      expect([...areas.boxes]).toEqual(boxes);
    }),
    { numRuns: 50 },
  );
});

test('pieces have no holes, and together are the areas', () => {
  fc.assert(
    fc.property(fc.oneof(labelMaps, discMaps), (labels) => {
      const areas = areasOf(labels);
      const { pieces, whole } = withoutHoles(labels, areas);
      expect([...pieces.of].map((piece) => whole[piece])).toEqual([...areas.of]);
      const polygons = areaPolygons(pieces);
      expect(polygons.flatMap(({ holes }) => holes)).toEqual([]);
      expect(polygons.map(polygonArea)).toEqual([...pieces.pixels]);
    }),
    { numRuns: 50 },
  );
});

test('a ring is cut above and below its hole; what has no hole is whole', () => {
  const labels = mapOf('22222', '21112', '21012', '21112', '22222');
  const { pieces, whole } = withoutHoles(labels, areasOf(labels));
  expect([...whole]).toEqual([0, 0, 1, 1, 2]);
  expect([...pieces.pixels]).toEqual([8, 8, 4, 4, 1]);
});

test('no more pieces than it takes: a hole that touches another needs no cut there', () => {
  const labels = mapOf('1111', '1011', '1101', '1111');
  const { pieces } = withoutHoles(labels, areasOf(labels));
  expect([...pieces.id].filter((id) => id === 1)).toHaveLength(2);
});
