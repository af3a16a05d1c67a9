/**
 * The pixels of a polygon, as pycocotools fills them (`rleFrPoly` of its maskApi.c): the outline is walked in fifths of
 * pixels, and crossings of columns' centres are where a column's run begins or ends.
 * @param points x and y in turn, in pixels
 * @param paint is called with runs of pixels in column order: position `x · height + y`, and length
 */
export function fillPolygon(
  points: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
  paint: (start: number, length: number) => void,
): void {
  const crossings = [...crossingsOf(points, width, height), width * height].sort((a, b) => a - b);
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    if (crossings[i + 1] > crossings[i]) paint(crossings[i], crossings[i + 1] - crossings[i]);
  }
}

const scale = 5;

function crossingsOf(points: readonly number[], width: number, height: number): number[] {
  const crossings: number[] = [];
  let [lastU, lastV] = [Number.NaN, 0];
  for (const [u, v] of outline(points)) {
    if (u !== lastU && !Number.isNaN(lastU)) {
      const x = ((u < lastU ? u : u - 1) + 0.5) / scale - 0.5;
      if (Number.isInteger(x) && x >= 0 && x <= width - 1) {
        const y = (Math.min(v, lastV) + 0.5) / scale - 0.5;
        crossings.push(x * height + Math.ceil(Math.min(height, Math.max(0, y))));
      }
    }
    [lastU, lastV] = [u, v];
  }
  return crossings;
}

/** Points of the closed outline, in fifths of pixels, a step of one along the longer side of each edge. */
function* outline(points: readonly number[]): Generator<readonly [u: number, v: number]> {
  const corners = Array.from({ length: points.length / 2 }, (_, i) => [
    Math.trunc(scale * points[2 * i] + 0.5),
    Math.trunc(scale * points[2 * i + 1] + 0.5),
  ]);
  for (const [i, [fromX, fromY]] of corners.entries()) {
    const [toX, toY] = corners[(i + 1) % corners.length];
    const [dx, dy] = [Math.abs(toX - fromX), Math.abs(toY - fromY)];
    const flip = (dx >= dy && fromX > toX) || (dx < dy && fromY > toY);
    const [xs, ys, xe, ye] = flip ? [toX, toY, fromX, fromY] : [fromX, fromY, toX, toY];
    const steps = Math.max(dx, dy);
    const slope = steps === 0 ? 0 : (dx >= dy ? ye - ys : xe - xs) / steps;
    for (let step = 0; step <= steps; step++) {
      const t = flip ? steps - step : step;
      yield dx >= dy
        ? [t + xs, Math.trunc(ys + slope * t + 0.5)]
        : [Math.trunc(xs + slope * t + 0.5), t + ys];
    }
  }
}
