// A 3×3 convolution of stride 1 by Winograd's F(2×2, 3×3) (Lavin and Gray 2016): four outputs take 16 products per channel where
// the sum over patches takes 36. Tiles of 4×4 pixels become 16 matrices of [tiles, channels]; each is multiplied by one of 16
// matrices made of the kernel; what comes out becomes 2×2 pixels again. All of it is additions and subtractions.
import { activate } from './simd';

/** Where a pixel lies, or zeros where it is padding. */
// @ts-expect-error: decorator
@inline
function pixelAt(row: usize, isRow: bool, x: i32, width: i32, pixel: usize, zeros: usize): usize {
  return isRow && x >= 0 && x < width ? row + <usize>x * pixel : zeros;
}

/** Turns the sign where it is subtracted: one function for all rows is smaller than one of each. */
// @ts-expect-error: decorator
@inline
function signOf(subtracts: bool): v128 {
  return i32x4.splat(subtracts ? 0x80000000 : 0);
}

/** One of the four rows of Bᵀ·d, which is the sum or the difference of two rows, and that times B: the matrices 4·i to 4·i + 3. */
function inputRow(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  bytes: usize,
  ya: i32,
  yb: i32,
  subtracts: bool,
  x: i32,
  zeros: usize,
  out: usize,
  plane: usize,
): void {
  const sign = signOf(subtracts);
  const isA = ya >= 0 && ya < height;
  const isB = yb >= 0 && yb < height;
  const rowA = input + <usize>(ya * width) * pixel;
  const rowB = input + <usize>(yb * width) * pixel;
  let a0 = pixelAt(rowA, isA, x, width, pixel, zeros);
  let a1 = pixelAt(rowA, isA, x + 1, width, pixel, zeros);
  let a2 = pixelAt(rowA, isA, x + 2, width, pixel, zeros);
  let a3 = pixelAt(rowA, isA, x + 3, width, pixel, zeros);
  let b0 = pixelAt(rowB, isB, x, width, pixel, zeros);
  let b1 = pixelAt(rowB, isB, x + 1, width, pixel, zeros);
  let b2 = pixelAt(rowB, isB, x + 2, width, pixel, zeros);
  let b3 = pixelAt(rowB, isB, x + 3, width, pixel, zeros);
  const end = out + bytes;
  while (out < end) {
    const t0 = f32x4.add(v128.load(a0), v128.xor(v128.load(b0), sign));
    const t1 = f32x4.add(v128.load(a1), v128.xor(v128.load(b1), sign));
    const t2 = f32x4.add(v128.load(a2), v128.xor(v128.load(b2), sign));
    const t3 = f32x4.add(v128.load(a3), v128.xor(v128.load(b3), sign));
    v128.store(out, f32x4.sub(t0, t2));
    v128.store(out + plane, f32x4.add(t1, t2));
    v128.store(out + 2 * plane, f32x4.sub(t2, t1));
    v128.store(out + 3 * plane, f32x4.sub(t1, t3));
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    b0 += 16;
    b1 += 16;
    b2 += 16;
    b3 += 16;
    out += 16;
  }
}

/**
 * The tiles from `begin` to `end` of one picture as 16 matrices, one after the other: Bᵀ·d·B of each channel.
 * @param zeros as many as there are channels
 */
export function winogradInput(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  padTop: i32,
  padLeft: i32,
  zeros: usize,
  out: usize,
  tilesWide: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  const plane = <usize>(end - begin) * bytes;
  for (let tile = begin; tile < end; tile++) {
    const row = tile / tilesWide;
    const y = 2 * row - padTop;
    const x = 2 * (tile - row * tilesWide) - padLeft;
    inputRow(input, pixel, height, width, bytes, y, y + 2, true, x, zeros, out, plane);
    inputRow(input, pixel, height, width, bytes, y + 1, y + 2, false, x, zeros, out + 4 * plane, plane);
    inputRow(input, pixel, height, width, bytes, y + 2, y + 1, true, x, zeros, out + 8 * plane, plane);
    inputRow(input, pixel, height, width, bytes, y + 1, y + 3, true, x, zeros, out + 12 * plane, plane);
    out += bytes;
  }
}

/** The sum of three rows of m, or the first less the other two. */
// @ts-expect-error: decorator
@inline
function three(m: usize, row: usize, sign: v128): v128 {
  const first = f32x4.add(v128.load(m), v128.xor(v128.load(m + row), sign));
  return f32x4.add(first, v128.xor(v128.load(m + 2 * row), sign));
}

/** One of the two rows of Aᵀ·m·A: two pixels side by side, of which the second may lie outside. */
function outputRow(
  m: usize,
  plane: usize,
  subtracts: bool,
  bytes: usize,
  bias: usize,
  residual: usize,
  residualStride: usize,
  out: usize,
  outStride: usize,
  isWhole: bool,
  activation: i32,
): void {
  const sign = signOf(subtracts);
  const row = 4 * plane;
  for (let c: usize = 0; c < bytes; c += 16) {
    const s0 = three(m + c, row, sign);
    const s1 = three(m + c + plane, row, sign);
    const s2 = three(m + c + 2 * plane, row, sign);
    const s3 = three(m + c + 3 * plane, row, sign);
    const b = v128.load(bias + c);
    let x = f32x4.add(f32x4.add(f32x4.add(s0, s1), s2), b);
    let y = f32x4.add(f32x4.sub(f32x4.sub(s1, s2), s3), b);
    if (residual) {
      x = f32x4.add(x, v128.load(residual + c));
      if (isWhole) y = f32x4.add(y, v128.load(residual + residualStride + c));
    }
    v128.store(out + c, activate(x, activation));
    if (isWhole) v128.store(out + outStride + c, activate(y, activation));
  }
}

/**
 * 16 matrices of [tiles, channels] as pixels of one picture, with bias, residual (0: none) and activation.
 * @param out the picture's first pixel, as `residual` is
 */
export function winogradOutput(
  products: usize,
  channels: i32,
  bias: usize,
  residual: usize,
  residualStride: usize,
  out: usize,
  outStride: usize,
  height: i32,
  width: i32,
  tilesWide: i32,
  begin: i32,
  end: i32,
  activation: i32,
): void {
  const bytes = (<usize>channels) << 2;
  const plane = <usize>(end - begin) * bytes;
  for (let tile = begin; tile < end; tile++) {
    const row = tile / tilesWide;
    const y = 2 * row;
    const x = 2 * (tile - row * tilesWide);
    const isWhole = x + 1 < width;
    const pixel = <usize>(y * width + x);
    const from = residual ? residual + pixel * residualStride : 0;
    const to = out + pixel * outStride;
    outputRow(products, plane, false, bytes, bias, from, residualStride, to, outStride, isWhole, activation);
    if (y + 1 < height) {
      const below = residual ? from + <usize>width * residualStride : 0;
      const second = products + 4 * plane;
      outputRow(second, plane, true, bytes, bias, below, residualStride, to + <usize>width * outStride, outStride, isWhole, activation);
    }
    products += bytes;
  }
}
