import type { BilinearTaps } from '@atrous/tensor';

/** Tables of resizes as shaders read them: of each axis the lower and the upper samples, and the fractions' bits. */
export function tapTables(axes: readonly BilinearTaps[]): Int32Array<ArrayBuffer> {
  const parts = axes.flatMap(({ lower, upper, fraction }) => [
    lower,
    upper,
    new Int32Array(fraction.buffer, fraction.byteOffset, fraction.length),
  ]);
  const table = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    table.set(part, at);
    at += part.length;
  }
  return table;
}
