import { floatsToHalves, halvesToFloats, sizeOf, type Tensor, tensor } from '@atrous/tensor';
import type { BlendWeights, Span } from './windows.ts';

/** The features of a picture, put together from windows, and read by others. */
export interface FeatureMap {
  /** Puts in what is a window's own of its part [1,h,w,channels]: where its weight is not 0. */
  put(part: Tensor, down: BlendWeights, across: BlendWeights): void;
  /** What lies in these rows and columns, until the next is asked for. */
  under(rows: Span, columns: Span): Tensor<'float32'>;
  /** The mean of each channel over all that was put in. */
  mean(): Float32Array;
}

/** So many numbers are kept in single precision, in 64 MiB; what is larger in half precision. */
const mostFloats = 2 ** 24;

/** @param most see `mostFloats` */
export function featureMap(
  [rows, columns, channels]: readonly number[],
  most: number = mostFloats,
): FeatureMap {
  const length = columns * channels;
  const inHalf = rows * length > most;
  // in one piece, which goes back to the system as a whole
  const values = inHalf ? new Uint16Array(rows * length) : new Float32Array(rows * length);
  const sums = new Float64Array(channels);
  let count = 0;
  let room = new Float32Array(0);
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
        const to = (down.begin + y) * length + (across.begin + left) * channels;
        values.set(inHalf ? floatsToHalves(own) : own, to);
      }
    },
    under({ begin: top, end: bottom }, { begin, end }) {
      const shape = [1, bottom - top, end - begin, channels];
      const size = sizeOf(shape);
      if (room.length < size) room = new Float32Array(size);
      const part = room.subarray(0, size);
      for (let y = top; y < bottom; y++) {
        const line = values.subarray(y * length + begin * channels, y * length + end * channels);
        part.set(
          line instanceof Uint16Array ? halvesToFloats(line) : line,
          (y - top) * (end - begin) * channels,
        );
      }
      return tensor('float32', shape, part);
    },
    mean: () => Float32Array.from(sums, (sum) => sum / count),
  };
}
