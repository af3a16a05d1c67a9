import type { OpOf } from '@atrous/graph';
import { boundPadding } from '@atrous/graph/lowering';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { averagePool, paddingCorrection, padsOf } from '../average_pool.ts';
import type { Tf } from '../tf.ts';
import { spread } from './convolution_gradients.ts';
import { differentiate } from './differentiate.ts';

/** Mean under a window. Each pixel gets back its share of every window that it is in: a pool over the spread gradient. */
export function averageUnderWindow(tf: Tf, x: Tensor, op: OpOf<'pool'>): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const [top, , left] = boundPadding(op.padding);
  const back = (dy: Tensor): Tensor => {
    const correction = paddingCorrection(tf, op, height, width);
    const grid = spread(tf, correction ? tf.mul(dy, correction) : dy, [op.stride[0], op.stride[1]]);
    const along = (extent: number, size: number, kernel: number, before: number) => {
      const begin = kernel - 1 - before;
      return { begin, end: extent + before - size };
    };
    const rows = along(height, grid.shape[1]!, op.kernel[0], top);
    const columns = along(width, grid.shape[2]!, op.kernel[1], left);
    return tf.avgPool(fitted(tf, grid, rows, columns), [op.kernel[0], op.kernel[1]], 1, 'valid');
  };
  return differentiate(
    tf,
    ([value]) => ({ value: averagePool(tf, value, op), gradients: (dy) => [() => back(dy)] }),
    [x],
    [false],
  );
}

/** Largest under a window. The gradient goes to the first of the taps that have the value, as PyTorch's does. */
export function largestUnderWindow(tf: Tf, x: Tensor, op: OpOf<'pool'>): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const [top, , left] = boundPadding(op.padding);
  const [down, across] = op.stride;
  const padded = (value: Tensor) => tf.pad(value, padsOf(op.padding), -3.4e38) as Tensor4D;
  const back = (dy: Tensor, value: Tensor, largest: Tensor): Tensor => {
    const all = padded(value);
    const [, tall, wide] = all.shape;
    const [tallest, widest] = [(dy.shape[1]! - 1) * down + 1, (dy.shape[2]! - 1) * across + 1];
    let open: Tensor = tf.onesLike(dy); // windows whose value was not found yet
    let sum: Tensor | undefined;
    for (let i = 0; i < op.kernel[0]; i++) {
      for (let j = 0; j < op.kernel[1]; j++) {
        const part = tf.slice(all, [0, i, j, 0], [-1, tallest, widest, -1]);
        const tap = tf.stridedSlice(part, [0, 0, 0, 0], part.shape, [1, down, across, 1]);
        const isLargest = tf.mul(open, tf.sub(1, tf.step(tf.sub(largest, tap))));
        open = tf.sub(open, isLargest);
        const share = tf.pad(spread(tf, tf.mul(dy, isLargest), [down, across]), [
          [0, 0],
          [i, tall - tallest - i],
          [j, wide - widest - j],
          [0, 0],
        ]);
        sum = sum ? tf.add(sum, share) : share;
      }
    }
    return tf.slice(sum!, [0, top, left, 0], [-1, height, width, -1]);
  };
  return differentiate(
    tf,
    ([value]) => {
      const largest = tf.maxPool(padded(value), [op.kernel[0], op.kernel[1]], [down, across], 'valid');
      return {
        value: largest,
        saved: [largest],
        gradients: (dy, [value, largest]) => [() => back(dy, value, largest)],
      };
    },
    [x],
    [false],
  );
}

interface Margin {
  /** Zeros before; cut off where negative. */
  readonly begin: number;
  readonly end: number;
}

/** Zeros around a picture, or less of it. */
function fitted(tf: Tf, x: Tensor, rows: Margin, columns: Margin): Tensor4D {
  const grown = (margin: number) => Math.max(0, margin);
  const cut = (margin: number) => Math.max(0, -margin);
  const kept = tf.slice(
    x,
    [0, cut(rows.begin), cut(columns.begin), 0],
    [
      -1,
      x.shape[1]! - cut(rows.begin) - cut(rows.end),
      x.shape[2]! - cut(columns.begin) - cut(columns.end),
      -1,
    ],
  );
  return tf.pad(kept, [
    [0, 0],
    [grown(rows.begin), grown(rows.end)],
    [grown(columns.begin), grown(columns.end)],
    [0, 0],
  ]) as Tensor4D;
}
