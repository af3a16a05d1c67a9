import { madd } from './simd';

/** Four channels. */
// @ts-expect-error: decorator
@inline
function blend(above: usize, below: usize, left: usize, right: usize, across: v128, down: v128): v128 {
  const a = v128.load(above + left);
  const b = v128.load(below + left);
  const upper = madd(f32x4.sub(v128.load(above + right), a), across, a);
  const lower = madd(f32x4.sub(v128.load(below + right), b), across, b);
  return madd(f32x4.sub(lower, upper), down, upper);
}

/**
 * Rows from `begin` to `end` of a bilinear resize of one picture. Taps per axis are tables made by the planner:
 * [lower (i32)], [upper (i32)], [fraction (f32)].
 */
export function resize(
  input: usize,
  pixel: usize,
  width: i32,
  channels: i32,
  rows: usize,
  outHeight: i32,
  columns: usize,
  outWidth: i32,
  out: usize,
  outStride: usize,
  begin: i32,
  end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  const rowTable = (<usize>outHeight) << 2;
  const columnTable = (<usize>outWidth) << 2;
  for (let y = begin; y < end; y++) {
    const row = rows + ((<usize>y) << 2);
    const above = input + <usize>(load<i32>(row) * width) * pixel;
    const below = input + <usize>(load<i32>(row + rowTable) * width) * pixel;
    const down = f32x4.splat(load<f32>(row + 2 * rowTable));
    for (let x = 0; x < outWidth; x++) {
      const column = columns + ((<usize>x) << 2);
      const left = <usize>load<i32>(column) * pixel;
      const right = <usize>load<i32>(column + columnTable) * pixel;
      const across = f32x4.splat(load<f32>(column + 2 * columnTable));
      for (let c: usize = 0; c < bytes; c += 32) {
        const x = blend(above + c, below + c, left, right, across, down);
        const y = blend(above + c + 16, below + c + 16, left, right, across, down);
        v128.store(out + c, x);
        v128.store(out + c, y, 16);
      }
      out += outStride;
    }
  }
}
