import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contours, type Polygon, type Ring } from './contours.ts';
import type { LabelMap } from './label_map.ts';

const mapOf = (rows: readonly string[]): LabelMap => ({
  height: rows.length,
  width: rows[0].length,
  data: Uint8Array.from(rows.join(''), (character) => (character === '#' ? 1 : 0)),
});

const labelMaps = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([height, width]) =>
    fc
      .array(fc.integer({ min: 0, max: 2 }), { minLength: height * width, maxLength: height * width })
      .map((ids): LabelMap => ({ height, width, data: Uint8Array.from(ids) })),
  );

const crossings = (ring: Ring, x: number, y: number): number => {
  let count = 0;
  for (let i = 0; i < ring.length; i++) {
    const [[ax, ay], [bx, by]] = [ring[i], ring[(i + 1) % ring.length]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) count++;
  }
  return count;
};
/** Whether a pixel's centre is in a polygon. */
const covers = ({ outer, holes }: Polygon, x: number, y: number) =>
  [outer, ...holes].reduce((sum, ring) => sum + crossings(ring, x + 0.5, y + 0.5), 0) % 2 === 1;

test('filling the polygons of a class gives its pixels again, each in one of them', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      const polygons = contours(labels, 1);
      for (let i = 0; i < labels.data.length; i++) {
        const [x, y] = [i % labels.width, Math.floor(i / labels.width)];
        const count = polygons.filter((polygon) => covers(polygon, x, y)).length;
        expect(count).toBe(labels.data[i] === 1 ? 1 : 0);
      }
    }),
    { numRuns: 500 },
  );
});

test('rings turn at every point and do not touch the picture’s outside', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      for (const { outer, holes } of contours(labels, 1)) {
        for (const ring of [outer, ...holes]) {
          ring.forEach(([x, y], i) => {
            const [[px, py], [nx, ny]] = [ring.at(i - 1)!, ring[(i + 1) % ring.length]];
            expect(px === x).not.toBe(py === y);
            expect((px === x) !== (nx === x)).toBe(true);
            expect((py === y) !== (ny === y)).toBe(true);
            expect(x >= 0 && y >= 0 && x <= labels.width && y <= labels.height).toBe(true);
          });
        }
      }
    }),
  );
});

test('a ring has a hole; what touches at a corner is apart', () => {
  const ring = contours(mapOf(['###', '#.#', '###']), 1);
  expect(ring).toEqual([
    {
      outer: [
        [3, 0],
        [3, 3],
        [0, 3],
        [0, 0],
      ],
      holes: [
        [
          [2, 2],
          [2, 1],
          [1, 1],
          [1, 2],
        ],
      ],
    },
  ]);
  expect(contours(mapOf(['#.', '.#']), 1)).toHaveLength(2);
  expect(contours(mapOf(['..', '..']), 1)).toEqual([]);
});

test('small areas can be left out, and slopes made straight', () => {
  const labels = mapOf(['#....', '...##', '..###', '.####', '#####']);
  expect(contours(labels, 1)).toHaveLength(2);
  const [slope, ...others] = contours(labels, 1, { minArea: 2, tolerance: 1 });
  expect(others).toEqual([]);
  expect(slope.outer.length).toBeLessThan(6);
});
