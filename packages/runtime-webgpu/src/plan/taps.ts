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

/** The taps of some samples. @param first the sample of the input that is there first */
export const partOfTaps = (
  { lower, upper, fraction }: BilinearTaps,
  begin: number,
  end: number,
  first = 0,
): BilinearTaps => ({
  lower: lower.slice(begin, end).map((at) => at - first),
  upper: upper.slice(begin, end).map((at) => at - first),
  fraction: fraction.slice(begin, end),
});
