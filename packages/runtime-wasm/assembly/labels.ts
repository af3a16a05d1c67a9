import { exp } from './exp';

// Label maps as `mask` makes them: float32 at every step, horizontal before vertical, a + (b − a)·t, ties to the lowest
// class. Never a fused multiply-add: the labels must be equal to the last one. Classes are padded to a multiple of 4 with
// numbers so low that they never win.

// @ts-expect-error: decorator
@inline
function blend(a: v128, b: v128, t: v128): v128 {
  return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), t));
}

/** One row of logits, stretched to the columns from `left` on. Tables: [lower (i32)], [upper (i32)], [fraction (f32)]. */
export function stretchRow(
  row: usize,
  classes: i32,
  columns: usize,
  tableWidth: i32,
  left: i32,
  width: i32,
  out: usize,
): void {
  const bytes = <usize>classes << 2;
  const table = <usize>tableWidth << 2;
  for (let x = left; x < left + width; x++) {
    const column = columns + (<usize>x << 2);
    const a = row + <usize>load<i32>(column) * bytes;
    const b = row + <usize>load<i32>(column + table) * bytes;
    const t = f32x4.splat(load<f32>(column + 2 * table));
    for (let c: usize = 0; c < bytes; c += 16) v128.store(out + c, blend(v128.load(a + c), v128.load(b + c), t));
    out += bytes;
  }
}

/** Labels of one row between two stretched ones; confidence (softmax at the winner) where `confidence` is not 0. */
export function labelRow(
  above: usize,
  below: usize,
  fraction: f32,
  classes: i32,
  width: i32,
  scratch: usize,
  labels: usize,
  isByte: i32,
  confidence: usize,
): void {
  const bytes = <usize>classes << 2;
  const t = f32x4.splat(fraction);
  const four = i32x4.splat(4);
  const first = i32x4(0, 1, 2, 3);
  for (let x = 0; x < width; x++) {
    let best = blend(v128.load(above), v128.load(below), t);
    let index = first;
    let winner = first;
    if (confidence) v128.store(scratch, best);
    for (let c: usize = 16; c < bytes; c += 16) {
      const value = blend(v128.load(above + c), v128.load(below + c), t);
      if (confidence) v128.store(scratch + c, value);
      index = i32x4.add(index, four);
      const isLarger = f32x4.gt(value, best);
      best = v128.bitselect(value, best, isLarger);
      winner = v128.bitselect(index, winner, isLarger);
    }
    let largest = f32x4.extract_lane(best, 0);
    let label = i32x4.extract_lane(winner, 0);
    let value = f32x4.extract_lane(best, 1);
    let other = i32x4.extract_lane(winner, 1);
    if (value > largest || (value == largest && other < label)) {
      largest = value;
      label = other;
    }
    value = f32x4.extract_lane(best, 2);
    other = i32x4.extract_lane(winner, 2);
    if (value > largest || (value == largest && other < label)) {
      largest = value;
      label = other;
    }
    value = f32x4.extract_lane(best, 3);
    other = i32x4.extract_lane(winner, 3);
    if (value > largest || (value == largest && other < label)) {
      largest = value;
      label = other;
    }
    if (isByte) store<u8>(labels + x, <u8>label);
    else store<u16>(labels + (<usize>x << 1), <u16>label);
    if (confidence) {
      let sum: f32 = 0;
      for (let c: usize = 0; c < bytes; c += 4) sum += exp(load<f32>(scratch + c) - largest);
      store<f32>(confidence + (<usize>x << 2), 1 / sum);
    }
    above += bytes;
    below += bytes;
  }
}
