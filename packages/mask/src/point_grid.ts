/** Points by cells of a grid, so that those near a place are found without looking at all. */
export interface PointGrid {
  add(point: number): void;
  remove(point: number): void;
  /** Whether no point lies in or on the triangle, its own corners apart. Exact for coordinates of up to 26 bits. */
  isEmptyTriangle(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): boolean;
}

/**
 * An empty grid.
 * @param width, height points lie from 0 to here
 * @param x, y the coordinates of each point by its index, which must not change while it is in the grid
 * @param count about how many points there will be
 */
export function pointGrid(
  { width, height }: { readonly width: number; readonly height: number },
  x: Float64Array,
  y: Float64Array,
  count: number,
): PointGrid {
  const cell = Math.max(2, Math.sqrt((2 * width * height) / (count + 1))); // about two points in each
  const columns = Math.floor(width / cell) + 1;
  const rows = Math.floor(height / cell) + 1;
  const heads = new Int32Array(columns * rows).fill(-1);
  const following = new Int32Array(x.length);
  const cellOf = (point: number) => Math.floor(y[point] / cell) * columns + Math.floor(x[point] / cell);
  return {
    add(point) {
      const at = cellOf(point);
      following[point] = heads[at];
      heads[at] = point;
    },
    remove(point) {
      const at = cellOf(point);
      if (heads[at] === point) {
        heads[at] = following[point];
        return;
      }
      let before = heads[at];
      while (following[before] !== point) before = following[before];
      following[before] = following[point];
    },
    isEmptyTriangle(ax, ay, bx, by, cx, cy) {
      const sign = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) < 0 ? -1 : 1;
      const minX = Math.min(ax, bx, cx);
      const maxX = Math.max(ax, bx, cx);
      const minY = Math.min(ay, by, cy);
      const maxY = Math.max(ay, by, cy);
      const lastColumn = Math.floor(maxX / cell);
      const lastRow = Math.floor(maxY / cell);
      for (let row = Math.floor(minY / cell); row <= lastRow; row++) {
        for (let column = Math.floor(minX / cell); column <= lastColumn; column++) {
          for (let i = heads[row * columns + column]; i >= 0; i = following[i]) {
            const px = x[i];
            const py = y[i];
            if (px < minX || px > maxX || py < minY || py > maxY) continue;
            if (((bx - ax) * (py - ay) - (by - ay) * (px - ax)) * sign < 0) continue;
            if (((cx - bx) * (py - by) - (cy - by) * (px - bx)) * sign < 0) continue;
            if (((ax - cx) * (py - cy) - (ay - cy) * (px - cx)) * sign < 0) continue;
            const isCorner = (px === ax && py === ay) || (px === bx && py === by) || (px === cx && py === cy);
            if (!isCorner) return false;
          }
        }
      }
      return true;
    },
  };
}
