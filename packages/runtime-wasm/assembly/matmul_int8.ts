import { finishPanels } from './finish';
import { HEADER } from './quantize';
import { highest, lowest, NONE, RELU6, store8 } from './simd';

// The product of rows in 7 bits (see quantize.ts) with weights in 8: sums in 32 bits are exact, so that every form of the
// instructions, every tile and every number of threads gives the same integers. Then, in float32 and without
// multiply-adds: (sum − zero · Σ weights) · (scale of the row · scale of the column) + bias.
// B is packed in panels of 8 columns by groups: four deep as bytes for relaxed SIMD, [panel][k/4][8][4]; two deep for
// SIMD128, [panel][k/2][8][2], widened on load. The constants of a panel lie together: 8 biases, 8 scales, 8 sums of weights.

// Forms: three instructions that every processor has in some way; one that newer ones have and others imitate; that one on two
// panels, which is fast where V8 pairs vectors or has registers for it.
// @ts-expect-error: decorator
@inline
const PAIRS: i32 = 0;
// @ts-expect-error: decorator
@inline
const WIDE: i32 = 2;
/** Bytes of a group of weights: 4 bytes of a row meet them. */
// @ts-expect-error: decorator
@inline
const GROUP: usize = ASC_FEATURE_RELAXED_SIMD ? 32 : 16;
/** Bytes of a value of a row. */
// @ts-expect-error: decorator
@inline
const WIDTH: usize = ASC_FEATURE_RELAXED_SIMD ? 1 : 2;
// @ts-expect-error: decorator
@inline
const COLUMNS: usize = 96;

/** Four columns of a group. */
// @ts-expect-error: decorator
@inline
function weights(b: usize): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? v128.load(b) : v128.load8x8_s(b);
}

/** Weights and values of 7 bits: no pair of products leaves 16 bits, so what is relaxed about it never shows. */
// @ts-expect-error: decorator
@inline
function dot(weights: v128, row: v128, sum: v128, ones: v128, fused: bool): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (fused) return v128.relaxed_dot_add<i32>(weights, row, sum);
    return i32x4.add(i32x4.dot_i16x8_s(v128.relaxed_dot<i16>(weights, row), ones), sum);
  }
  return i32x4.add(i32x4.dot_i16x8_s(weights, row), sum);
}

/** Four sums as values. */
// @ts-expect-error: decorator
@inline
function value(sum: v128, row: usize, columns: usize): v128 {
  const zero = v128.load32_splat(row, 4);
  const exact = i32x4.sub(sum, i32x4.mul(zero, v128.load(columns, 64)));
  const scale = f32x4.mul(v128.load32_splat(row), v128.load(columns, 32));
  return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(exact), scale), v128.load(columns));
}

/** The eight columns of a panel, between bounds. */
// @ts-expect-error: decorator
@inline
function storeRow(c: usize, x: v128, y: v128, row: usize, columns: usize, low: f32, high: f32): void {
  store8(c, value(x, row, columns), value(y, row, columns + 16), f32x4.splat(low), f32x4.splat(high));
}

/** Four rows by eight columns: more leave no register for what the three instructions need between them. Four groups at a time, of which two may be left. */
function tilePairs(a: usize, aStride: usize, k: i32, b: usize, columns: usize, c: usize, cStride: usize, one: i32, low: f32, high: f32): void {
  const ones = i16x8.splat(<i16>one);
  let a0 = a;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  let x0 = i32x4.splat(0);
  let y0 = x0;
  let x1 = i32x4.splat(0);
  let y1 = x1;
  let x2 = i32x4.splat(0);
  let y2 = x2;
  let x3 = i32x4.splat(0);
  let y3 = x3;
  const end = a + <usize>k * WIDTH;
  while (true) {
    let p = weights(b + 0 * GROUP);
    let q = weights(b + 0 * GROUP + GROUP / 2);
    let s = v128.load32_splat(a0, HEADER + 0);
    x0 = dot(p, s, x0, ones, false);
    y0 = dot(q, s, y0, ones, false);
    s = v128.load32_splat(a1, HEADER + 0);
    x1 = dot(p, s, x1, ones, false);
    y1 = dot(q, s, y1, ones, false);
    s = v128.load32_splat(a2, HEADER + 0);
    x2 = dot(p, s, x2, ones, false);
    y2 = dot(q, s, y2, ones, false);
    s = v128.load32_splat(a3, HEADER + 0);
    x3 = dot(p, s, x3, ones, false);
    y3 = dot(q, s, y3, ones, false);
    p = weights(b + 1 * GROUP);
    q = weights(b + 1 * GROUP + GROUP / 2);
    s = v128.load32_splat(a0, HEADER + 4);
    x0 = dot(p, s, x0, ones, false);
    y0 = dot(q, s, y0, ones, false);
    s = v128.load32_splat(a1, HEADER + 4);
    x1 = dot(p, s, x1, ones, false);
    y1 = dot(q, s, y1, ones, false);
    s = v128.load32_splat(a2, HEADER + 4);
    x2 = dot(p, s, x2, ones, false);
    y2 = dot(q, s, y2, ones, false);
    s = v128.load32_splat(a3, HEADER + 4);
    x3 = dot(p, s, x3, ones, false);
    y3 = dot(q, s, y3, ones, false);
    if (a0 + 8 == end) break;
    p = weights(b + 2 * GROUP);
    q = weights(b + 2 * GROUP + GROUP / 2);
    s = v128.load32_splat(a0, HEADER + 8);
    x0 = dot(p, s, x0, ones, false);
    y0 = dot(q, s, y0, ones, false);
    s = v128.load32_splat(a1, HEADER + 8);
    x1 = dot(p, s, x1, ones, false);
    y1 = dot(q, s, y1, ones, false);
    s = v128.load32_splat(a2, HEADER + 8);
    x2 = dot(p, s, x2, ones, false);
    y2 = dot(q, s, y2, ones, false);
    s = v128.load32_splat(a3, HEADER + 8);
    x3 = dot(p, s, x3, ones, false);
    y3 = dot(q, s, y3, ones, false);
    p = weights(b + 3 * GROUP);
    q = weights(b + 3 * GROUP + GROUP / 2);
    s = v128.load32_splat(a0, HEADER + 12);
    x0 = dot(p, s, x0, ones, false);
    y0 = dot(q, s, y0, ones, false);
    s = v128.load32_splat(a1, HEADER + 12);
    x1 = dot(p, s, x1, ones, false);
    y1 = dot(q, s, y1, ones, false);
    s = v128.load32_splat(a2, HEADER + 12);
    x2 = dot(p, s, x2, ones, false);
    y2 = dot(q, s, y2, ones, false);
    s = v128.load32_splat(a3, HEADER + 12);
    x3 = dot(p, s, x3, ones, false);
    y3 = dot(q, s, y3, ones, false);
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    b += 4 * GROUP;
    if (a0 == end) break;
  }
  storeRow(c, x0, y0, a, columns, low, high);
  storeRow(c + 1 * cStride, x1, y1, a + 1 * aStride, columns, low, high);
  storeRow(c + 2 * cStride, x2, y2, a + 2 * aStride, columns, low, high);
  storeRow(c + 3 * cStride, x3, y3, a + 3 * aStride, columns, low, high);
}

/** Six rows by the columns of one panel or two, whose instructions add to the sum and need no register for it. */
// @ts-expect-error: decorator
@inline
function tile6(a: usize, aStride: usize, k: i32, b: usize, columns: usize, c: usize, cStride: usize, wide: bool, low: f32, high: f32): void {
  const ones = i16x8.splat(1); // read by no instruction
  let a0 = a;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  let a4 = a3 + aStride;
  let a5 = a4 + aStride;
  let d = b + (<usize>k << 3);
  let x0 = i32x4.splat(0);
  let y0 = i32x4.splat(0);
  let z0 = i32x4.splat(0);
  let w0 = i32x4.splat(0);
  let x1 = i32x4.splat(0);
  let y1 = i32x4.splat(0);
  let z1 = i32x4.splat(0);
  let w1 = i32x4.splat(0);
  let x2 = i32x4.splat(0);
  let y2 = i32x4.splat(0);
  let z2 = i32x4.splat(0);
  let w2 = i32x4.splat(0);
  let x3 = i32x4.splat(0);
  let y3 = i32x4.splat(0);
  let z3 = i32x4.splat(0);
  let w3 = i32x4.splat(0);
  let x4 = i32x4.splat(0);
  let y4 = i32x4.splat(0);
  let z4 = i32x4.splat(0);
  let w4 = i32x4.splat(0);
  let x5 = i32x4.splat(0);
  let y5 = i32x4.splat(0);
  let z5 = i32x4.splat(0);
  let w5 = i32x4.splat(0);
  const end = a + <usize>k * WIDTH;
  while (a0 < end) {
    const p = weights(b);
    const q = weights(b + GROUP / 2);
    const g = wide ? weights(d) : p;
    const h = wide ? weights(d + GROUP / 2) : q;
    let s = v128.load32_splat(a0, HEADER);
    x0 = dot(p, s, x0, ones, true);
    y0 = dot(q, s, y0, ones, true);
    if (wide) {
      z0 = dot(g, s, z0, ones, true);
      w0 = dot(h, s, w0, ones, true);
    }
    s = v128.load32_splat(a1, HEADER);
    x1 = dot(p, s, x1, ones, true);
    y1 = dot(q, s, y1, ones, true);
    if (wide) {
      z1 = dot(g, s, z1, ones, true);
      w1 = dot(h, s, w1, ones, true);
    }
    s = v128.load32_splat(a2, HEADER);
    x2 = dot(p, s, x2, ones, true);
    y2 = dot(q, s, y2, ones, true);
    if (wide) {
      z2 = dot(g, s, z2, ones, true);
      w2 = dot(h, s, w2, ones, true);
    }
    s = v128.load32_splat(a3, HEADER);
    x3 = dot(p, s, x3, ones, true);
    y3 = dot(q, s, y3, ones, true);
    if (wide) {
      z3 = dot(g, s, z3, ones, true);
      w3 = dot(h, s, w3, ones, true);
    }
    s = v128.load32_splat(a4, HEADER);
    x4 = dot(p, s, x4, ones, true);
    y4 = dot(q, s, y4, ones, true);
    if (wide) {
      z4 = dot(g, s, z4, ones, true);
      w4 = dot(h, s, w4, ones, true);
    }
    s = v128.load32_splat(a5, HEADER);
    x5 = dot(p, s, x5, ones, true);
    y5 = dot(q, s, y5, ones, true);
    if (wide) {
      z5 = dot(g, s, z5, ones, true);
      w5 = dot(h, s, w5, ones, true);
    }
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += GROUP;
    d += GROUP;
  }
  storeRow(c, x0, y0, a, columns, low, high);
  if (wide) storeRow(c + 32, z0, w0, a, columns + COLUMNS, low, high);
  storeRow(c + 1 * cStride, x1, y1, a + 1 * aStride, columns, low, high);
  if (wide) storeRow(c + 1 * cStride + 32, z1, w1, a + 1 * aStride, columns + COLUMNS, low, high);
  storeRow(c + 2 * cStride, x2, y2, a + 2 * aStride, columns, low, high);
  if (wide) storeRow(c + 2 * cStride + 32, z2, w2, a + 2 * aStride, columns + COLUMNS, low, high);
  storeRow(c + 3 * cStride, x3, y3, a + 3 * aStride, columns, low, high);
  if (wide) storeRow(c + 3 * cStride + 32, z3, w3, a + 3 * aStride, columns + COLUMNS, low, high);
  storeRow(c + 4 * cStride, x4, y4, a + 4 * aStride, columns, low, high);
  if (wide) storeRow(c + 4 * cStride + 32, z4, w4, a + 4 * aStride, columns + COLUMNS, low, high);
  storeRow(c + 5 * cStride, x5, y5, a + 5 * aStride, columns, low, high);
  if (wide) storeRow(c + 5 * cStride + 32, z5, w5, a + 5 * aStride, columns + COLUMNS, low, high);
}

// @ts-expect-error: decorator
@inline
function line(a: usize, k: i32, b: usize, columns: usize, c: usize, one: i32, fused: bool, low: f32, high: f32): void {
  const ones = i16x8.splat(<i16>one);
  let x = i32x4.splat(0);
  let y = x;
  const row = a;
  const end = a + <usize>k * WIDTH;
  while (a < end) {
    const s = v128.load32_splat(a, HEADER);
    x = dot(weights(b), s, x, ones, fused);
    y = dot(weights(b + GROUP / 2), s, y, ones, fused);
    a += 4;
    b += GROUP;
  }
  storeRow(c, x, y, row, columns, low, high);
}

// A function for each form, so that none asks in its loop; `one` is given, since V8 makes constants anew in every round.

function tileFused(a: usize, aStride: usize, k: i32, b: usize, columns: usize, c: usize, cStride: usize, low: f32, high: f32): void {
  tile6(a, aStride, k, b, columns, c, cStride, false, low, high);
}

function tileWide(a: usize, aStride: usize, k: i32, b: usize, columns: usize, c: usize, cStride: usize, low: f32, high: f32): void {
  tile6(a, aStride, k, b, columns, c, cStride, true, low, high);
}

function linePairs(a: usize, k: i32, b: usize, columns: usize, c: usize, one: i32, low: f32, high: f32): void {
  line(a, k, b, columns, c, one, false, low, high);
}

function lineFused(a: usize, k: i32, b: usize, columns: usize, c: usize, low: f32, high: f32): void {
  line(a, k, b, columns, c, 1, true, low, high);
}

/** All rows times the panels, as `matmul`, of rows that `quantize` made; the sums of all forms are the same. `one` is 1. */
export function matmulInt8(
  a: usize,
  aStride: usize,
  rows: i32,
  k: i32,
  b: usize,
  columns: usize,
  panels: i32,
  c: usize,
  cStride: usize,
  residual: usize,
  residualStride: usize,
  activation: i32,
  form: i32,
  one: i32,
): void {
  // Bounds are held where a value is stored; what is added first, and what is no bound, is a pass of its own.
  const isBounds = !residual && activation <= RELU6;
  const low = lowest(isBounds ? activation : NONE);
  const high = highest(isBounds ? activation : NONE);
  const tileRows = form == PAIRS ? 4 : 6;
  let finished = 0;
  for (let panel = 0; panel < panels; ) {
    const together = form == WIDE && panel + 2 <= panels && rows >= tileRows ? 2 : 1;
    const column = <usize>panel << 5;
    for (let row = 0; row < rows; ) {
      // The last tile reaches back over rows that are done: the same sums once more.
      const count = rows < tileRows ? 1 : tileRows;
      const at = <usize>min(row, rows - count);
      const from = a + at * aStride;
      const to = c + at * cStride + column;
      if (count == 1) {
        if (form == PAIRS) linePairs(from, k, b, columns, to, one, low, high);
        else lineFused(from, k, b, columns, to, low, high);
      } else if (form == PAIRS) tilePairs(from, aStride, k, b, columns, to, cStride, one, low, high);
      else if (together == 1) tileFused(from, aStride, k, b, columns, to, cStride, low, high);
      else tileWide(from, aStride, k, b, columns, to, cStride, low, high);
      row += count;
    }
    b += <usize>(k * together) << 3;
    columns += COLUMNS * together;
    panel += together;
    if (!isBounds) finished = finishPanels(finished, panel, panels, rows, c, cStride, residual, residualStride, activation);
  }
}
