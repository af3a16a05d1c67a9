import type { Port } from '@atrous/tensor';

/** The shape that two values have in common, free dimensions of one filled from the other; undefined where they differ. */
export function sameShape(a: Port, b: Port): Port['shape'] | undefined {
  const agrees = (x: number | null, y: number | null) => x === y || x === null || y === null;
  const isSame =
    a.shape.length === b.shape.length && a.shape.every((extent, axis) => agrees(extent, b.shape[axis]));
  return isSame ? a.shape.map((extent, axis) => extent ?? b.shape[axis]) : undefined;
}
