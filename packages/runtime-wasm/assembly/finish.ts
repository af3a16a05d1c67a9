import { activate } from './simd';

/**
 * Adds the residual, where there is one, and applies the activation to eight columns of each row of a tile. A pass of its own: the
 * tile's stores lie side by side then, without branches between them, which is where V8 begins to pair vectors.
 */
export function finish(c: usize, cStride: usize, rows: i32, residual: usize, residualStride: usize, activation: i32): void {
  for (let row = 0; row < rows; row++) {
    let x = v128.load(c);
    let y = v128.load(c, 16);
    if (residual) {
      x = f32x4.add(x, v128.load(residual));
      y = f32x4.add(y, v128.load(residual, 16));
      residual += residualStride;
    }
    x = activate(x, activation);
    y = activate(y, activation);
    v128.store(c, x);
    v128.store(c, y, 16);
    c += cStride;
  }
}
