import { four, nine, quad, some } from './depthwise_pixels';
import { affine } from './elementwise';
import { highest, lowest, RELU6 } from './simd';

// Depthwise convolution. Weights are packed [C/8][tap][8]. Taps that read padding are skipped, never read.

/** The first tap that lies inside. */
// @ts-expect-error: decorator
@inline
function firstTap(at: i32, rate: i32): i32 {
  return at >= 0 ? 0 : (rate - 1 - at) / rate;
}

/** One past the last tap that lies inside. */
// @ts-expect-error: decorator
@inline
function lastTap(at: i32, rate: i32, kernel: i32, extent: i32): i32 {
  if (at >= extent) return 0;
  return min(kernel, (extent - 1 - at) / rate + 1);
}

// @ts-expect-error: decorator
@inline
function pixels(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  w: usize,
  bias: usize,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  rateY: i32,
  rateX: i32,
  padTop: i32,
  padLeft: i32,
  out: usize,
  outStride: usize,
  outWidth: i32,
  begin: i32,
  end: i32,
  low: f32,
  high: f32,
  rectify: bool,
): void {
  const isThree = kernelHeight == 3 && kernelWidth == 3;
  const isDense = isThree && strideX == 1 && rateX == 1;
  const stepY = <usize>(rateY * width) * pixel;
  const stepX = <usize>rateX * pixel;
  // From the first tap of a pixel to the last one of its third neighbour.
  const reach = 3 * strideX + (kernelWidth - 1) * rateX;
  let y = begin / outWidth;
  let x = begin - y * outWidth;
  let at = begin;
  while (at < end) {
    const iy = y * strideY - padTop;
    const top = firstTap(iy, rateY);
    const bottom = lastTap(iy, rateY, kernelHeight, height);
    const stop = min(outWidth, x + end - at);
    for (; x < stop; x++) {
      const ix = x * strideX - padLeft;
      const left = firstTap(ix, rateX);
      const right = lastTap(ix, rateX, kernelWidth, width);
      // Where the window begins; outside of the picture for taps that are skipped, hence signed.
      const corner = input + <usize>((iy * width + ix) * <i32>pixel);
      const isInside = top == 0 && bottom == kernelHeight && left == 0 && right == kernelWidth;
      // `nine` is faster than `four` at three taps.
      if (isInside && (isDense || !isThree) && x + 4 <= stop && ix + reach < width) {
        if (isDense) {
          quad(corner, corner + stepY, corner + 2 * stepY, pixel, w, bias, channels, out, outStride, low, high, rectify);
        } else {
          four(
            corner, stepY, stepX, <usize>strideX * pixel, kernelHeight, kernelWidth,
            w, bias, channels, out, outStride, low, high, rectify,
          );
        }
        x += 3;
        at += 4;
        out += outStride << 2;
        continue;
      }
      if (isThree && isInside) {
        nine(corner, corner + stepY, corner + 2 * stepY, stepX, w, bias, channels, out, low, high, rectify);
      } else {
        some(
          corner, stepY, stepX, top, bottom, left, right, kernelWidth, kernelHeight * kernelWidth,
          w, bias, channels, out, low, high, rectify,
        );
      }
      at++;
      out += outStride;
    }
    x = 0;
    y++;
  }
}

/** The output pixels from `begin` to `end` of one picture, counted row by row; `rectify` puts a ReLU on the input. */
export function depthwise(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  w: usize,
  bias: usize,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  rateY: i32,
  rateX: i32,
  padTop: i32,
  padLeft: i32,
  out: usize,
  outStride: usize,
  outWidth: i32,
  begin: i32,
  end: i32,
  activation: i32,
  rectify: i32,
): void {
  const low = lowest(activation);
  const high = highest(activation);
  if (rectify) {
    pixels(
      input, pixel, height, width, w, bias, channels, kernelHeight, kernelWidth, strideY, strideX, rateY, rateX,
      padTop, padLeft, out, outStride, outWidth, begin, end, low, high, true,
    );
  } else {
    pixels(
      input, pixel, height, width, w, bias, channels, kernelHeight, kernelWidth, strideY, strideX, rateY, rateX,
      padTop, padLeft, out, outStride, outWidth, begin, end, low, high, false,
    );
  }
  if (activation > RELU6) affine(out, outStride, 0, 0, channels, out, outStride, end - begin, activation);
}
