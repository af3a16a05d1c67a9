import type { Floats } from './arrays.ts';

/**
 * What is behind the classes, out of focus: a small grid of means over squares of the frame, in which a pixel counts as much as it is not covered, blurred
 * (a normalised convolution, Knutsson and Westin 1993). What stands in front does not glow around itself: it has next to no weight.
 */

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Red, green and blue times a weight, and the weight: four numbers per square. */
export interface Behind extends Size {
  readonly data: Floats;
}

/** The blur's standard deviation in squares of the grid. */
const deviation = 2;
const radius = 3 * deviation;
/** What counts of a pixel that is covered: within what stands in front, something must be there. */
export const leastWeight: number = 1 / 256;

/** Weights of the blur from one end to the other; together 1. */
export const blurWeights: Floats = (() => {
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
})();

/** The grid's size: the stronger the blur, the fewer squares. */
export function gridSize({ width, height }: Size, strength: number): Size {
  const longest = Math.max(width, height);
  const squares = Math.min(longest, Math.max(4, Math.round(deviation / strength)));
  const along = (extent: number) => Math.max(1, Math.round((extent * squares) / longest));
  return { width: along(width), height: along(height) };
}

/**
 * @param coverage of the picture's pixels, 0 to 1
 * @param picture RGBA
 */
export function behindOf(
  { width, height, data }: Size & { readonly data: ArrayLike<number> },
  coverage: Float32Array,
  strength: number,
): Behind {
  const grid = gridSize({ width, height }, strength);
  const means = new Float32Array(grid.width * grid.height * 4);
  for (let row = 0, o = 0; row < grid.height; row++) {
    const [top, bottom] = [row, row + 1].map((at) => Math.floor((at * height) / grid.height));
    for (let column = 0; column < grid.width; column++, o += 4) {
      const [left, right] = [column, column + 1].map((at) => Math.floor((at * width) / grid.width));
      let [red, green, blue, sum] = [0, 0, 0, 0];
      for (let y = top; y < bottom; y++) {
        for (let x = left, i = y * width + left; x < right; x++, i++) {
          const weight = 1 - coverage[i] + leastWeight;
          red += data[4 * i] * weight;
          green += data[4 * i + 1] * weight;
          blue += data[4 * i + 2] * weight;
          sum += weight;
        }
      }
      const pixels = (bottom - top) * (right - left);
      means[o] = red / pixels;
      means[o + 1] = green / pixels;
      means[o + 2] = blue / pixels;
      means[o + 3] = sum / pixels;
    }
  }
  return {
    ...grid,
    data: blurRows(blurRows(means, grid.width, grid.height, true), grid.width, grid.height, false),
  };
}

/** Blurs along rows or along columns; what lies beyond an edge is what lies at it. */
function blurRows(values: Float32Array, width: number, height: number, isAcross: boolean): Floats {
  const out = new Float32Array(values.length);
  const last = (isAcross ? width : height) - 1;
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 4) {
      const at = isAcross ? x : y;
      for (let k = 0; k < blurWeights.length; k++) {
        const from = Math.min(last, Math.max(0, at + k - radius));
        const i = 4 * (isAcross ? y * width + from : from * width + x);
        for (let c = 0; c < 4; c++) out[o + c] += values[i + c] * blurWeights[k];
      }
    }
  }
  return out;
}
