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

/**
 * Adds the residual, where there is one, and applies the activation to each row of a tile of some panels. A pass of its own: the
 * tile's stores lie side by side then, without branches between them, which is where V8 begins to pair vectors.
 */
export function finish(
  c: usize,
  cStride: usize,
  rows: i32,
  panels: i32,
  residual: usize,
  residualStride: usize,
  activation: i32,
): void {
  if (activation == RELU) {
    if (residual) pass(c, cStride, rows, panels, residual, residualStride, RELU, true);
    else pass(c, cStride, rows, panels, 0, 0, RELU, false);
  } else if (residual) {
    pass(c, cStride, rows, panels, residual, residualStride, NONE, true);
    if (activation) pass(c, cStride, rows, panels, 0, 0, activation, false);
  } else {
    pass(c, cStride, rows, panels, 0, 0, activation, false);
  }
}
