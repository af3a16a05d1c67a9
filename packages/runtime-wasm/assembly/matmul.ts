import { finishPanels } from './finish';
import { highest, lowest, madd, NONE, RELU6, store8 } from './simd';
import { tile6x16 } from './tile_wide';

// Pointwise convolution as a matrix product: C[rows, 8·panels] = activation(A[rows, k] · B + bias + residual).
// B is packed in panels of 8 columns, [panel][k][8]. A tile is some rows by 8 columns: with 6 rows, 12 accumulators, two vectors of B
// and one of A are the 15 registers that V8 has on x86; without relaxed SIMD a product needs one, too, which leaves room for 5.
// Every output is one sum in the order of k, whatever tile it falls into. A wide tile has 6 rows and two panels. All are unrolled 4 times: of
// 1, 2 and 4 that was fastest, and 8 gained no more.

/** Rows of a tile. */
// @ts-expect-error: decorator
@inline
const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

function tile(
  a: usize,
  aStride: usize,
  k: i32,
  b: usize,
  bias: usize,
  c: usize,
  cStride: usize,
  least: f32,
  most: f32,
): void {
  let a0 = a;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  let a4 = a3 + aStride;
  let a5 = a4 + aStride;
  let x0 = v128.load(bias);
  let y0 = v128.load(bias, 16);
  let x1 = x0;
  let y1 = y0;
  let x2 = x0;
  let y2 = y0;
  let x3 = x0;
  let y3 = y0;
  let x4 = x0;
  let y4 = y0;
  let x5 = x0;
  let y5 = y0;
  const end = a0 + (<usize>k << 2);
  while (a0 < end) {
    let p = v128.load(b, 0);
    let q = v128.load(b, 16);
    let s = v128.load32_splat(a0, 0);
    x0 = madd(s, p, x0);
    y0 = madd(s, q, y0);
    s = v128.load32_splat(a1, 0);
    x1 = madd(s, p, x1);
    y1 = madd(s, q, y1);
    s = v128.load32_splat(a2, 0);
    x2 = madd(s, p, x2);
    y2 = madd(s, q, y2);
    s = v128.load32_splat(a3, 0);
    x3 = madd(s, p, x3);
    y3 = madd(s, q, y3);
    s = v128.load32_splat(a4, 0);
    x4 = madd(s, p, x4);
    y4 = madd(s, q, y4);
    if (ROWS == 6) {
      s = v128.load32_splat(a5, 0);
      x5 = madd(s, p, x5);
      y5 = madd(s, q, y5);
    }
    p = v128.load(b, 32);
    q = v128.load(b, 48);
    s = v128.load32_splat(a0, 4);
    x0 = madd(s, p, x0);
    y0 = madd(s, q, y0);
    s = v128.load32_splat(a1, 4);
    x1 = madd(s, p, x1);
    y1 = madd(s, q, y1);
    s = v128.load32_splat(a2, 4);
    x2 = madd(s, p, x2);
    y2 = madd(s, q, y2);
    s = v128.load32_splat(a3, 4);
    x3 = madd(s, p, x3);
    y3 = madd(s, q, y3);
    s = v128.load32_splat(a4, 4);
    x4 = madd(s, p, x4);
    y4 = madd(s, q, y4);
    if (ROWS == 6) {
      s = v128.load32_splat(a5, 4);
      x5 = madd(s, p, x5);
      y5 = madd(s, q, y5);
    }
    p = v128.load(b, 64);
    q = v128.load(b, 80);
    s = v128.load32_splat(a0, 8);
    x0 = madd(s, p, x0);
    y0 = madd(s, q, y0);
    s = v128.load32_splat(a1, 8);
    x1 = madd(s, p, x1);
    y1 = madd(s, q, y1);
    s = v128.load32_splat(a2, 8);
    x2 = madd(s, p, x2);
    y2 = madd(s, q, y2);
    s = v128.load32_splat(a3, 8);
    x3 = madd(s, p, x3);
    y3 = madd(s, q, y3);
    s = v128.load32_splat(a4, 8);
    x4 = madd(s, p, x4);
    y4 = madd(s, q, y4);
    if (ROWS == 6) {
      s = v128.load32_splat(a5, 8);
      x5 = madd(s, p, x5);
      y5 = madd(s, q, y5);
    }
    p = v128.load(b, 96);
    q = v128.load(b, 112);
    s = v128.load32_splat(a0, 12);
    x0 = madd(s, p, x0);
    y0 = madd(s, q, y0);
    s = v128.load32_splat(a1, 12);
    x1 = madd(s, p, x1);
    y1 = madd(s, q, y1);
    s = v128.load32_splat(a2, 12);
    x2 = madd(s, p, x2);
    y2 = madd(s, q, y2);
    s = v128.load32_splat(a3, 12);
    x3 = madd(s, p, x3);
    y3 = madd(s, q, y3);
    s = v128.load32_splat(a4, 12);
    x4 = madd(s, p, x4);
    y4 = madd(s, q, y4);
    if (ROWS == 6) {
      s = v128.load32_splat(a5, 12);
      x5 = madd(s, p, x5);
      y5 = madd(s, q, y5);
    }
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    a4 += 16;
    a5 += 16;
    b += 128;
  }
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  store8(c, x0, y0, low, high);
  c += cStride;
  store8(c, x1, y1, low, high);
  c += cStride;
  store8(c, x2, y2, low, high);
  c += cStride;
  store8(c, x3, y3, low, high);
  c += cStride;
  store8(c, x4, y4, low, high);
  if (ROWS == 6) {
    c += cStride;
    store8(c, x5, y5, low, high);
  }
}

function tile1(a: usize, k: i32, b: usize, bias: usize, c: usize, least: f32, most: f32): void {
  let x = v128.load(bias);
  let y = v128.load(bias, 16);
  const end = a + (<usize>k << 2);
  while (a < end) {
    const s = v128.load32_splat(a);
    x = madd(s, v128.load(b), x);
    y = madd(s, v128.load(b, 16), y);
    a += 4;
    b += 32;
  }
  store8(c, x, y, f32x4.splat(least), f32x4.splat(most));
}

/**
 * All rows times the panels; `residual` is 0 where nothing is added, and never what is written. `wide` takes tiles of two panels;
 * the sums are the same.
 */
export function matmul(
  a: usize,
  aStride: usize,
  rows: i32,
  k: i32,
  b: usize,
  bias: usize,
  panels: i32,
  c: usize,
  cStride: usize,
  residual: usize,
  residualStride: usize,
  activation: i32,
  wide: i32,
): void {
  // Bounds are held where a sum is stored; what is added first, and what is no bound, is a pass of its own.
  const isBounds = !residual && activation <= RELU6;
  const low = lowest(isBounds ? activation : NONE);
  const high = highest(isBounds ? activation : NONE);
  let finished = 0;
  for (let panel = 0; panel < panels; ) {
    const together = wide && panel + 2 <= panels && rows >= 6 ? 2 : 1;
    const column = <usize>panel << 5;
    for (let row = 0; row < rows; ) {
      // The last tile reaches back over rows that are done: the same sums once more.
      const count = together == 2 ? 6 : rows < ROWS ? 1 : ROWS;
      const at = <usize>min(row, rows - count);
      const from = a + at * aStride;
      const to = c + at * cStride + column;
      if (count == 1) tile1(from, k, b, bias + column, to, low, high);
      else if (together == 1) tile(from, aStride, k, b, bias + column, to, cStride, low, high);
      else tile6x16(from, aStride, k, b, bias + column, to, cStride, low, high);
      row += count;
    }
    b += <usize>(k * together) << 5;
    panel += together;
    if (!isBounds) finished = finishPanels(finished, panel, panels, rows, c, cStride, residual, residualStride, activation);
  }
}
