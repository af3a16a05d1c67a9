import { boundPadding, type OpOf } from '@atrous/graph';

/** How many pixels that are no padding each window of a bound pool sees: [h·w]. */
export function countTaps(op: OpOf<'pool'>, height: number, width: number): Float32Array {
  const [top, bottom, left, right] = boundPadding(op.padding);
  const along = (size: number, kernel: number, stride: number, before: number, after: number) =>
    Array.from({ length: Math.floor((size + before + after - kernel) / stride) + 1 }, (_, i) => {
      const begin = i * stride - before;
      return Math.min(begin + kernel, size) - Math.max(begin, 0);
    });
  const rows = along(height, op.kernel[0], op.stride[0], top, bottom);
  const columns = along(width, op.kernel[1], op.stride[1], left, right);
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => row * column)));
}
