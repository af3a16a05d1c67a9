// Rows of a product in 7 bits: value ≈ (q − zero) · scale with q from 0 to 127, a scale and a zero for each row. A row is
// written as a header of 16 bytes (scale as f32, zero as i32), then q: a byte each where relaxed SIMD multiplies bytes, two
// bytes where SIMD128 does not. No multiply-adds here: the reference rounds after each operation, and so does this.

/** Bytes before the numbers of a row. */
// @ts-expect-error: decorator
@inline
export const HEADER: usize = 16;

/** Adding it leaves a number's nearest integer, ties to even, in the low bits of a float. */
// @ts-expect-error: decorator
@inline
const MAGIC: f32 = 12582912;
/** Steps between the lowest and the highest value. */
// @ts-expect-error: decorator
@inline
const STEPS: f32 = 127;
/** Rows whose values lie closer together than this are zeros. */
// @ts-expect-error: decorator
@inline
const SMALLEST: f32 = 1e-30;
// @ts-expect-error: decorator
@inline
const LARGEST: f32 = 3e38;

/** Four values; where there are gaps, those from `channels` on are 0, whatever lies there. */
// @ts-expect-error: decorator
@inline
function values(at: usize, c: i32, channels: i32, hasGaps: bool): v128 {
  const x = v128.load(at);
  if (!hasGaps || c + 4 <= channels) return x;
  return v128.and(x, i32x4.lt_s(i32x4.add(i32x4.splat(c), i32x4(0, 1, 2, 3)), i32x4.splat(channels)));
}

/** q of four values, not yet narrowed. */
// @ts-expect-error: decorator
@inline
function steps(x: v128, inverse: v128, shift: v128, magic: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(x, inverse), shift), magic);
}

/** One row: first its range and whether all are numbers, then its steps. */
// @ts-expect-error: decorator
@inline
function row(input: usize, taps: i32, channels: i32, depth: i32, out: usize, hasGaps: bool): void {
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  let odd = f32x4.splat(0);
  let low2 = low;
  let high2 = high;
  let at = input;
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < depth; c += 8) {
      const x = values(at, c, channels, hasGaps);
      const y = values(at + 16, c + 4, channels, hasGaps);
      low = f32x4.pmin(low, x);
      high = f32x4.pmax(high, x);
      low2 = f32x4.pmin(low2, y);
      high2 = f32x4.pmax(high2, y);
      odd = v128.or(odd, v128.or(f32x4.ne(x, x), f32x4.ne(y, y)));
      at += 32;
    }
  }
  low = f32x4.pmin(low, low2);
  high = f32x4.pmax(high, high2);
  const lowest = min(
    min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)),
    min(f32x4.extract_lane(low, 2), f32x4.extract_lane(low, 3)),
  );
  const highest = max(
    max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)),
    max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3)),
  );
  const range = highest - lowest;
  let scale: f32 = 0;
  let inverse: f32 = 0;
  let zero: f32 = 0;
  if (!(range < LARGEST) || v128.any_true(odd)) {
    scale = NaN; // what is no number stays one in all that is made of it
  } else if (range > SMALLEST) {
    scale = range / STEPS;
    inverse = STEPS / range;
    zero = nearest<f32>(-lowest * inverse);
  }
  store<f32>(out, scale);
  store<i32>(out, <i32>zero, 4);

  const by = f32x4.splat(inverse);
  const shift = f32x4.splat(MAGIC + zero);
  // The bits of MAGIC, but not as a constant, which V8 would make anew in every round.
  const magic = i32x4.sub(shift, i32x4.splat(<i32>zero));
  let to = out + HEADER;
  at = input;
  for (let tap = 0; tap < taps; tap++) {
    let c = 0;
    if (ASC_FEATURE_RELAXED_SIMD) {
      for (; c + 16 <= depth; c += 16) {
        const a = steps(values(at, c, channels, hasGaps), by, shift, magic);
        const b = steps(values(at + 16, c + 4, channels, hasGaps), by, shift, magic);
        const d = steps(values(at + 32, c + 8, channels, hasGaps), by, shift, magic);
        const e = steps(values(at + 48, c + 12, channels, hasGaps), by, shift, magic);
        // Narrowing ends at 127.
        v128.store(to, i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(d, e)));
        at += 64;
        to += 16;
      }
    }
    for (; c < depth; c += 8) {
      const a = steps(values(at, c, channels, hasGaps), by, shift, magic);
      const b = steps(values(at + 16, c + 4, channels, hasGaps), by, shift, magic);
      const both = i16x8.narrow_i32x4_s(a, b);
      at += 32;
      if (ASC_FEATURE_RELAXED_SIMD) {
        v128.store64_lane(to, i8x16.narrow_i16x8_s(both, both), 0);
        to += 8;
      } else {
        v128.store(to, i16x8.min_s(both, i16x8.splat(<i16>STEPS)));
        to += 16;
      }
    }
  }
}

/** Rows of `taps` times `depth` values, of which the first `channels` of each tap count. */
export function quantize(
  input: usize,
  stride: usize,
  rows: i32,
  taps: i32,
  channels: i32,
  depth: i32,
  out: usize,
  outStride: usize,
): void {
  for (let at = 0; at < rows; at++) {
    // Without gaps all taps are one.
    if (channels == depth) row(input, 1, channels, taps * depth, out, false);
    else row(input, taps, channels, depth, out, true);
    input += stride;
    out += outStride;
  }
}
