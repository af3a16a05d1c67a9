import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classContours, contours, type Polygon, type Ring } from './contours.ts';
import { covers, discMaps, faultsOf, labelMaps, mapOf, polygonArea, ringArea } from './test_label_maps.ts';

const all = (polygons: ReadonlyMap<number, readonly Polygon[]>) => [...polygons.values()].flat();
const maps = fc.oneof(labelMaps, discMaps);

test('exact polygons, filled, are the pixels, each in one of them', () => {
  fc.assert(
    fc.property(labelMaps, (labels) => {
      const polygons = [...classContours(labels)].flatMap(([id, own]) =>
        own.map((polygon) => ({ id, polygon })),
      );
      const filled = [...labels.data].map((_, i) => {
        const [x, y] = [(i % labels.width) + 0.5, Math.floor(i / labels.width) + 0.5];
        return polygons.filter(({ polygon }) => covers(polygon, x, y)).map(({ id }) => id);
      });
      expect(filled).toEqual([...labels.data].map((id) => [id]));
    }),
    { numRuns: 60 },
  );
});

test('exact rings turn at every point; none passes a point twice; outer borders are clockwise, holes are not', () => {
  const turns = (ring: Ring) =>
    ring.every(([x, y], i) => {
      const [[px, py], [nx, ny]] = [ring.at(i - 1)!, ring[(i + 1) % ring.length]];
      return (px === x) !== (py === y) && (px === x) !== (nx === x) && (py === y) !== (ny === y);
    });
  fc.assert(
    fc.property(labelMaps, (labels) => {
      for (const { outer, holes } of all(classContours(labels))) {
        const rings = [outer, ...holes];
        expect(rings.every(turns)).toBe(true);
        expect(rings.map((ring) => new Set(ring.map(String)).size)).toEqual(rings.map((ring) => ring.length));
        expect(rings.map((ring) => Math.sign(ringArea(ring)))).toEqual([1, ...holes.map(() => -1)]);
      }
    }),
    { numRuns: 60 },
  );
});

test('simplified and smoothed, polygons are the picture: no lines meet, areas add up, holes are inside', () => {
  fc.assert(
    fc.property(
      maps,
      fc.constantFrom(0, 0.5, 1, 2, 5, 50),
      fc.constantFrom(0, 1, 3),
      (labels, tolerance, smooth) => {
        const polygons = all(classContours(labels, { tolerance, smooth }));
        if (tolerance > 0 || smooth > 0) expect(faultsOf(polygons)).toEqual([]);
        expect(polygons.reduce((sum, polygon) => sum + polygonArea(polygon), 0)).toBe(
          labels.width * labels.height,
        );
        for (const { outer, holes } of polygons) {
          expect(ringArea(outer)).toBeGreaterThan(0);
          for (const hole of holes) {
            expect(ringArea(hole)).toBeLessThan(0);
            const between = hole.map(([x, y], i) => [
              (x + hole.at(i - 1)![0]) / 2,
              (y + hole.at(i - 1)![1]) / 2,
            ]);
            for (const [x, y] of between) expect(covers({ outer, holes: [] }, x, y)).toBe(true);
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('the corners of the picture stay', () => {
  fc.assert(
    fc.property(discMaps, fc.constantFrom(1, 5, 50), (labels, tolerance) => {
      const points = new Set(
        all(classContours(labels, { tolerance, smooth: 2 })).flatMap(({ outer }) => outer.map(String)),
      );
      for (const corner of ['0,0', '40,0', '0,30', '40,30']) expect(points).toContain(corner);
    }),
    { numRuns: 30 },
  );
});

test('a class by itself has the polygons that it has among all', () => {
  const labels = mapOf('0112', '0112', '2222');
  for (const options of [{}, { tolerance: 2 }, { smooth: 1 }])
    expect(contours(labels, 1, options)).toEqual(classContours(labels, options).get(1));
  expect(contours(labels, 3)).toEqual([]);
});

test('a ring has a hole', () => {
  expect(contours(mapOf('111', '101', '111'), 1)).toEqual([
    {
      outer: [
        [0, 0],
        [3, 0],
        [3, 3],
        [0, 3],
      ],
      holes: [
        [
          [1, 1],
          [1, 2],
          [2, 2],
          [2, 1],
        ],
      ],
    },
  ]);
});

test('what touches at a corner alone is apart; holes that touch at a corner are two', () => {
  expect(contours(mapOf('10', '01'), 1)).toHaveLength(2);
  const [polygon, ...others] = contours(mapOf('1111', '1011', '1101', '1111'), 1);
  expect(others).toEqual([]);
  expect(polygon.holes.map((hole) => [hole.length, ringArea(hole)])).toEqual([
    [4, -1],
    [4, -1],
  ]);
  expect(polygonArea(polygon)).toBe(14);
});

test('an area that closes around a corner has a hole there, not a border that touches itself', () => {
  const [{ outer, holes }] = contours(mapOf('1110', '1010', '1100', '0000'), 1);
  expect([ringArea(outer), holes.map(ringArea)]).toEqual([8, [-1]]);
});

test('small areas are left out, small holes filled', () => {
  const labels = mapOf('1000', '0222', '0212', '0222');
  expect(contours(labels, 1)).toHaveLength(2);
  const classes = classContours(labels, { minArea: 2 });
  expect([...classes.keys()]).toEqual([0, 2]);
  expect(classes.get(2)!.map(polygonArea)).toEqual([9]);
});

/** A staircase: two pixels to the right, one down. */
const stairs = Array.from({ length: 20 }, (_, y) => '1'.repeat(2 * y + 1).padEnd(40, '0'));
const awayFrom = (ring: Ring, x: number, y: number) =>
  Math.min(
    ...ring.map(([bx, by], i) => {
      const [ax, ay] = ring.at(i - 1)!;
      const [dx, dy] = [bx - ax, by - ay];
      const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
      return Math.hypot(ax + along * dx - x, ay + along * dy - y);
    }),
  );

test('a slope becomes a line, within the tolerance', () => {
  const labels = mapOf(...stairs);
  const [[exact], [simple]] = [contours(labels, 1), contours(labels, 1, { tolerance: 1 })];
  expect(exact.outer.length).toBeGreaterThan(40);
  expect(simple.outer.length).toBeLessThan(8);
  for (const [x, y] of exact.outer) expect(awayFrom(simple.outer, x, y)).toBeLessThanOrEqual(1);
});

test.each([1, 3])('a bump of %i pixels goes with a tolerance that is larger', (height) => {
  const flat = (id: string, rows: number) => Array.from({ length: rows }, () => id.repeat(40));
  const bump = Array.from({ length: height }, () => '0'.repeat(18) + '1'.repeat(4) + '0'.repeat(18));
  const labels = mapOf(...flat('0', 6), ...bump, ...flat('1', 3));
  const points = (tolerance: number) => contours(labels, 1, { tolerance })[0].outer.length;
  expect(points(height + 0.1)).toBe(4);
  expect(points(height - 0.1)).toBeGreaterThan(5);
});

test('a circle stays round, within the tolerance', () => {
  const data = Uint8Array.from({ length: 3600 }, (_, i) =>
    Number(Math.hypot((i % 60) - 30, Math.floor(i / 60) - 30) < 25),
  );
  const labels = { width: 60, height: 60, data };
  const [[exact], [simple]] = [contours(labels, 1), contours(labels, 1, { tolerance: 2 })];
  expect(simple.outer.length).toBeLessThan(exact.outer.length / 4);
  for (const [x, y] of exact.outer) expect(awayFrom(simple.outer, x, y)).toBeLessThanOrEqual(2);
});

test('what juts out beyond a junction stays', () => {
  // Class 1 is a bar of one row above class 2 that goes on to the right of it, along the line to the junction.
  const bar = `${'1'.repeat(20)}${'0'.repeat(10)}`;
  const below = `${'2'.repeat(10)}${'0'.repeat(20)}`;
  const empty = '0'.repeat(30);
  const [{ outer }] = contours(mapOf(empty, empty, empty, bar, below, empty), 1, { tolerance: 3 });
  expect(Math.max(...outer.map(([x]) => x))).toBe(20);
});

test('an island beside a bump stays on its side when the bump goes', () => {
  // Class 1 has a bump of three rows; class 2 is an island in it, above the line that replaces the bump.
  const labels = mapOf(
    '000000000000000000000000',
    '000000000111111000000000',
    '000000000112111000000000',
    '000000000111111000000000',
    '111111111111111111111111',
    '111111111111111111111111',
  );
  const classes = classContours(labels, { tolerance: 4 });
  expect(faultsOf(all(classes))).toEqual([]);
  const [{ outer, holes }] = classes.get(1)!;
  expect(holes).toHaveLength(1);
  for (const [x, y] of holes[0]) expect(covers({ outer, holes: [] }, x, y)).toBe(true);
});

test('a corner that is cut becomes two points, a quarter along its sides', () => {
  const [{ outer }] = contours(
    mapOf('00000000', '01111000', '01111000', '01111000', '01111000', '0'.repeat(8)),
    1,
    {
      smooth: 1,
    },
  );
  expect(outer.map(String).sort()).toEqual(['1,2', '1,4', '2,1', '2,5', '4,1', '4,5', '5,2', '5,4'].sort());
});

test('a corner is not cut where something lies in it', () => {
  // A block of class 1, in its corner a bar of classes 2 and 3; the quarters of the block's sides reach beyond the bar's end.
  const data = Uint8Array.from({ length: 44 * 44 }, (_, i) => {
    const [x, y] = [i % 44, Math.floor(i / 44)];
    if (x >= 3 && x < 23 && y >= 2 && y < 4) return x < 20 ? 2 : 3;
    return Number(x > 0 && y > 0 && x < 41 && y < 41);
  });
  const classes = classContours({ width: 44, height: 44, data }, { smooth: 1 });
  expect(faultsOf(all(classes))).toEqual([]);
  const [{ outer, holes }] = classes.get(1)!;
  for (const [x, y] of holes[0]) expect(covers({ outer, holes: [] }, x, y)).toBe(true);
  expect(outer.map(String)).toContain('1,1');
  expect(outer.map(String)).not.toContain('41,41');
});

test.each([
  [{ tolerance: -1 }, 'tolerance -1: expected pixels, 0 or more'],
  [{ tolerance: Number.NaN }, 'tolerance NaN'],
  [{ tolerance: Number.POSITIVE_INFINITY }, 'tolerance Infinity'],
  [{ minArea: Number.NaN }, 'minArea NaN'],
  [{ smooth: 1.5 }, 'smooth 1.5: expected a whole number, 0 to 5'],
  [{ smooth: 6 }, 'smooth 6'],
])('%o is refused', (options, message) => {
  expect(() => contours(mapOf('1'), 1, options)).toThrow(message);
});
