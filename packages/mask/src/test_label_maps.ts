import fc from 'fast-check';
import type { Point, Polygon, Ring } from './contours.ts';
import type { LabelMap } from './label_map.ts';

/** Rows of digits as class ids. */
export const mapOf = (...rows: readonly string[]): LabelMap => ({
  height: rows.length,
  width: rows[0].length,
  data: Uint8Array.from(rows.join(''), Number),
});

/** Noise of up to 4 classes; half of them in blocks, so that there are long borders as well. */
export const labelMaps: fc.Arbitrary<LabelMap> = fc
  .record({
    width: fc.integer({ min: 1, max: 16 }),
    height: fc.integer({ min: 1, max: 16 }),
    block: fc.constantFrom(1, 1, 2, 4),
  })
  .chain(({ width, height, block }) =>
    fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: width * height, maxLength: width * height })
      .map((ids) => {
        const at = (x: number, y: number) => ids[Math.floor(y / block) * width + Math.floor(x / block)];
        return {
          width,
          height,
          data: Uint8Array.from(ids, (_, i) => at(i % width, Math.floor(i / width))),
        };
      }),
  );

/** Overlapping discs: slanted borders, thin gaps and islands. */
export const discMaps: fc.Arbitrary<LabelMap> = fc
  .array(
    fc.record({
      x: fc.integer({ min: 0, max: 40 }),
      y: fc.integer({ min: 0, max: 30 }),
      radius: fc.integer({ min: 0, max: 14 }),
      id: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((discs) => {
    const data = new Uint8Array(40 * 30);
    for (const { x, y, radius, id } of discs)
      for (let i = 0; i < data.length; i++)
        if (Math.hypot((i % 40) + 0.5 - x, Math.floor(i / 40) + 0.5 - y) < radius) data[i] = id;
    return { width: 40, height: 30, data };
  });

/** By the shoelace formula; positive clockwise as seen. */
export const ringArea = (ring: Ring): number =>
  ring.reduce((sum, [x, y], i) => sum + (ring.at(i - 1)![0] * y - x * ring.at(i - 1)![1]) / 2, 0);

export const polygonArea = ({ outer, holes }: Polygon): number =>
  holes.reduce((sum, hole) => sum + ringArea(hole), ringArea(outer));

function crossings(ring: Ring, x: number, y: number): number {
  return ring.filter(([bx, by], i) => {
    const [ax, ay] = ring.at(i - 1)!;
    return ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax;
  }).length;
}

/** Whether a point is inside, by the even-odd rule. */
export const covers = ({ outer, holes }: Polygon, x: number, y: number): boolean =>
  [outer, ...holes].reduce((sum, ring) => sum + crossings(ring, x, y), 0) % 2 === 1;

const turn = ([ax, ay]: Point, [bx, by]: Point, [px, py]: Point) =>
  Math.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax));
const isSame = ([ax, ay]: Point, [bx, by]: Point) => ax === bx && ay === by;
/** Whether p lies on the line from a to b, not at its ends. */
const isWithin = (a: Point, b: Point, p: Point) =>
  turn(a, b, p) === 0 &&
  !isSame(a, p) &&
  !isSame(b, p) &&
  Math.min(a[0], b[0]) <= p[0] &&
  p[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= p[1] &&
  p[1] <= Math.max(a[1], b[1]);

/**
 * Pairs of lines that meet anywhere but at their ends, and points that a ring passes twice. Neighbours have a line each
 * between the same two points, so lines are taken once.
 */
export function faultsOf(polygons: readonly Polygon[]): string[] {
  const faults: string[] = [];
  const lines = new Map<string, readonly [Point, Point]>();
  for (const ring of polygons.flatMap(({ outer, holes }) => [outer, ...holes])) {
    if (new Set(ring.map(String)).size < ring.length) faults.push(`twice: ${ring.join(' ')}`);
    ring.forEach((point, i) => {
      const line = [ring.at(i - 1)!, point] as const;
      lines.set([...line].map(String).sort().join(' '), line);
    });
  }
  const all = [...lines.values()];
  all.forEach(([a, b], i) => {
    for (const [c, d] of all.slice(i + 1)) {
      const cross = turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
      if (cross || isWithin(a, b, c) || isWithin(a, b, d) || isWithin(c, d, a) || isWithin(c, d, b))
        faults.push(`meet: ${a} ${b} and ${c} ${d}`);
    }
  });
  return faults;
}
