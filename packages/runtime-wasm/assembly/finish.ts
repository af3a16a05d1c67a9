import { activate, NONE, RELU } from './simd';

/** All rows; what is done is known when the function is compiled, so that no branch stands between two loads or two stores. */
// @ts-expect-error: decorator
@inline
function pass(
  c: usize,
  cStride: usize,
  rows: i32,
  panels: i32,
  residual: usize,
  residualStride: usize,
  activation: i32,
  adds: bool,
): void {
  for (let row = 0; row < rows; row++) {
    let from = residual;
    for (let to = c; to < c + (<usize>panels << 5); to += 32) {
      let x = v128.load(to);
      let y = v128.load(to, 16);
      if (adds) {
        x = f32x4.add(x, v128.load(from));
        y = f32x4.add(y, v128.load(from, 16));
        from += 32;
      }
      x = activate(x, activation);
      y = activate(y, activation);
      v128.store(to, x);
      v128.store(to, y, 16);
    }
    residual += residualStride;
    c += cStride;
  }
}

/** Adds the residual, where there is one, and applies the activation to some panels of all rows. */
function finish(
  c: usize,
  cStride: usize,
  rows: i32,
  panels: i32,
  residual: usize,
  residualStride: usize,
  activation: i32,
): void {
  if (residual && activation == RELU) {
    pass(c, cStride, rows, panels, residual, residualStride, RELU, true);
    return;
  }
  if (residual) pass(c, cStride, rows, panels, residual, residualStride, NONE, true);
  if (activation) pass(c, cStride, rows, panels, 0, 0, activation, false);
}

/** So many panels are finished together: 256 bytes of each row are whole lines of the residual. */
// @ts-expect-error: decorator
@inline
const TOGETHER: i32 = 8;

/**
 * What follows the sums, of the panels from `finished` to `panel`, if they are enough or the last. A pass of its own: a tile's stores lie side by side then,
 * without branches between them, which is where V8 begins to pair vectors. Returns how many are finished.
 */
export function finishPanels(
  finished: i32,
  panel: i32,
  panels: i32,
  rows: i32,
  c: usize,
  cStride: usize,
  residual: usize,
  residualStride: usize,
  activation: i32,
): i32 {
  if (panel < panels && panel - finished < TOGETHER) return finished;
  const column = <usize>finished << 5;
  const added = residual ? residual + column : 0;
  finish(c + column, cStride, rows, panel - finished, added, residualStride, activation);
  return panel;
}
