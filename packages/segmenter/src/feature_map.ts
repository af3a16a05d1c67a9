import { floatsToHalves, halvesToFloats, type Tensor, tensor } from '@atrous/tensor';
import type { BlendWeights, Span } from './windows.ts';

/** The features of a picture, put together from windows, and read by others. Rows are kept one by one: what is read no more is forgotten. */
export interface FeatureMap {
  /** Puts in what is a window's own of its part [1,h,w,channels]: where its weight is not 0. */
  put(part: Tensor, down: BlendWeights, across: BlendWeights): void;
  /** What lies in these rows and columns. */
  under(rows: Span, columns: Span): Tensor<'float32'>;
  /** Frees the rows before this one. */
  forget(end: number): void;
  /** The mean of each channel over all that was put in. */
  mean(): Float32Array;
}

/** So many numbers are kept in single precision, in 128 MiB; what is larger in half precision. */
const mostFloats = 2 ** 25;

/** @param most see `mostFloats` */
export function featureMap(
  [rows, columns, channels]: readonly number[],
  most: number = mostFloats,
): FeatureMap {
  const length = columns * channels;
  const inHalf = rows * length > most;
  const lines: (Float32Array | Uint16Array | undefined)[] = new Array(rows);
  const sums = new Float64Array(channels);
  let count = 0;
  return {
    put({ shape: [, , width], data }, down, across) {
      const left = across.weights.findIndex((weight) => weight > 0);
      const right = across.weights.findLastIndex((weight) => weight > 0) + 1;
      for (const [y, weight] of down.weights.entries()) {
        if (weight === 0) continue;
        const own = data.subarray(
          (y * width + left) * channels,
          (y * width + right) * channels,
        ) as Float32Array;
        for (let i = 0; i < own.length; ) {
          for (let c = 0; c < channels; c++, i++) sums[c] += own[i];
        }
        count += right - left;
        const row = down.begin + y;
        lines[row] ??= inHalf ? new Uint16Array(length) : new Float32Array(length);
        lines[row].set(inHalf ? floatsToHalves(own) : own, (across.begin + left) * channels);
      }
    },
    under(rows, { begin, end }) {
      const [height, width] = [rows.end - rows.begin, end - begin];
      const part = new Float32Array(height * width * channels);
      for (let y = 0; y < height; y++) {
        const line = lines[rows.begin + y]!.subarray(begin * channels, end * channels);
        part.set(line instanceof Uint16Array ? halvesToFloats(line) : line, y * width * channels);
      }
      return tensor('float32', [1, height, width, channels], part);
    },
    forget(end) {
      lines.fill(undefined, 0, end);
    },
    mean: () => Float32Array.from(sums, (sum) => sum / count),
  };
}
