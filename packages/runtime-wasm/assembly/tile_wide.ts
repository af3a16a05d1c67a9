import { madd } from './simd';

/**
 * Six rows by the sixteen columns of two panels: more accumulators than V8 has registers on x86, where this is fast only if V8 pairs
 * vectors: then they are twelve. Not unrolled: that was fastest.
 */
export function tile6x16(
  a: usize,
  aStride: usize,
  k: i32,
  b: usize,
  bias: usize,
  c: usize,
  cStride: usize,
): void {
  let a0 = a;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  let a4 = a3 + aStride;
  let a5 = a4 + aStride;
  let d = b + (<usize>k << 5);
  let x0 = v128.load(bias);
  let y0 = v128.load(bias, 16);
  let z0 = v128.load(bias, 32);
  let w0 = v128.load(bias, 48);
  let x1 = x0;
  let y1 = y0;
  let z1 = z0;
  let w1 = w0;
  let x2 = x0;
  let y2 = y0;
  let z2 = z0;
  let w2 = w0;
  let x3 = x0;
  let y3 = y0;
  let z3 = z0;
  let w3 = w0;
  let x4 = x0;
  let y4 = y0;
  let z4 = z0;
  let w4 = w0;
  let x5 = x0;
  let y5 = y0;
  let z5 = z0;
  let w5 = w0;
  const end = a0 + (<usize>k << 2);
  while (a0 < end) {
    const p = v128.load(b);
    const q = v128.load(b, 16);
    const g = v128.load(d);
    const h = v128.load(d, 16);
    let s = v128.load32_splat(a0);
    x0 = madd(s, p, x0);
    y0 = madd(s, q, y0);
    z0 = madd(s, g, z0);
    w0 = madd(s, h, w0);
    s = v128.load32_splat(a1);
    x1 = madd(s, p, x1);
    y1 = madd(s, q, y1);
    z1 = madd(s, g, z1);
    w1 = madd(s, h, w1);
    s = v128.load32_splat(a2);
    x2 = madd(s, p, x2);
    y2 = madd(s, q, y2);
    z2 = madd(s, g, z2);
    w2 = madd(s, h, w2);
    s = v128.load32_splat(a3);
    x3 = madd(s, p, x3);
    y3 = madd(s, q, y3);
    z3 = madd(s, g, z3);
    w3 = madd(s, h, w3);
    s = v128.load32_splat(a4);
    x4 = madd(s, p, x4);
    y4 = madd(s, q, y4);
    z4 = madd(s, g, z4);
    w4 = madd(s, h, w4);
    s = v128.load32_splat(a5);
    x5 = madd(s, p, x5);
    y5 = madd(s, q, y5);
    z5 = madd(s, g, z5);
    w5 = madd(s, h, w5);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += 32;
    d += 32;
  }
  v128.store(c, x0);
  v128.store(c, y0, 16);
  v128.store(c, z0, 32);
  v128.store(c, w0, 48);
  c += cStride;
  v128.store(c, x1);
  v128.store(c, y1, 16);
  v128.store(c, z1, 32);
  v128.store(c, w1, 48);
  c += cStride;
  v128.store(c, x2);
  v128.store(c, y2, 16);
  v128.store(c, z2, 32);
  v128.store(c, w2, 48);
  c += cStride;
  v128.store(c, x3);
  v128.store(c, y3, 16);
  v128.store(c, z3, 32);
  v128.store(c, w3, 48);
  c += cStride;
  v128.store(c, x4);
  v128.store(c, y4, 16);
  v128.store(c, z4, 32);
  v128.store(c, w4, 48);
  c += cStride;
  v128.store(c, x5);
  v128.store(c, y5, 16);
  v128.store(c, z5, 32);
  v128.store(c, w5, 48);
}
