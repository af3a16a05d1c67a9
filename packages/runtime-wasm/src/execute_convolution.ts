import { activationCodes, type Kernels, padded, tileRows } from './kernels.ts';
import type { DepthwisePart, PointwisePart, StepOf, View } from './plan/step.ts';
import { bands, imageOf, type Part, pixelAt, pixelsOf, shareOf, sliceOf } from './share.ts';

function depthwiseBand(
  kernels: Kernels,
  { window, weights, bias, activation, rectify }: DepthwisePart,
  input: View,
  image: number,
  out: { offset: number; stride: number; width: number },
  first: number,
  last: number,
): void {
  kernels.depthwise(
    imageOf(input, image),
    input.stride,
    input.height,
    input.width,
    weights,
    bias,
    padded(input.channels),
    ...window.kernel,
    ...window.stride,
    ...window.rate,
    window.top,
    window.left,
    out.offset,
    out.stride,
    out.width,
    first,
    last,
    activationCodes[activation],
    Number(rectify),
  );
}

/** A convolution or dense layer as a matrix product, its rows made band by band where they are not pixels as they lie. */
export function* matmul(kernels: Kernels, step: StepOf<'matmul'>, part: Part): Generator<void> {
  const { input, output, residual, k, panels, weights, bias, band, depthwise, window } = step;
  const activation = activationCodes[step.activation];
  const rowBytes = k * 4;
  const count = pixelsOf(output);
  const multiply = (a: number, aStride: number, rows: number, pixel: number, first = 0, last = panels) =>
    kernels.matmul(
      a,
      aStride,
      rows,
      k,
      weights + first * rowBytes * 8,
      bias + first * 32,
      last - first,
      pixelAt(output, pixel) + first * 32,
      output.stride,
      residual ? pixelAt(residual, pixel) + first * 32 : 0,
      residual?.stride ?? 0,
      activation,
    );
  if (step.source === 'direct' && count < tileRows * part.threads) {
    // Few pixels: the columns are shared out instead. The sums are the same.
    const [first, last] = shareOf(panels, 1, part);
    if (last > first) multiply(input.offset, input.stride, count, 0, first, last);
    yield;
    return;
  }
  yield* bands(output, shareOf(count, tileRows, part), band, (image, first, last, pixel) => {
    if (step.source === 'direct') {
      multiply(pixelAt(input, pixel), input.stride, last - first, pixel);
      return;
    }
    if (depthwise) {
      const out = { offset: part.scratch, stride: rowBytes, width: output.width };
      depthwiseBand(kernels, depthwise, input, image, out, first, last);
    } else if (window) {
      kernels.gather(
        imageOf(input, image),
        input.stride,
        input.height,
        input.width,
        padded(input.channels),
        ...window.kernel,
        ...window.stride,
        ...window.rate,
        window.top,
        window.left,
        part.scratch,
        output.width,
        first,
        last,
      );
    }
    multiply(part.scratch, rowBytes, last - first, pixel);
  });
}

/** A depthwise convolution on its own, or with the pointwise one before it. */
export function* depthwise(kernels: Kernels, step: StepOf<'depthwise'>, part: Part): Generator<void> {
  if (step.pointwise) {
    yield* pointwiseByRows(kernels, step, step.pointwise, part);
    return;
  }
  const { input, output } = step;
  yield* bands(output, shareOf(pixelsOf(output), 1, part), sliceOf(output), (image, first, last, pixel) => {
    const out = { offset: pixelAt(output, pixel), stride: output.stride, width: output.width };
    depthwiseBand(kernels, step.depthwise, input, image, out, first, last);
  });
}

/**
 * Rows of the pointwise convolution are made in scratch, right before the depthwise one reads them: a few rows of the
 * output at a time, and those that the next few need, too, are moved to the front.
 */
function* pointwiseByRows(
  kernels: Kernels,
  { input, output, depthwise: layer }: StepOf<'depthwise'>,
  { k, panels, weights, bias, activation, rows }: PointwisePart,
  part: Part,
): Generator<void> {
  const { window } = layer;
  const { height, width } = input;
  const pixelBytes = panels * 32;
  const rowBytes = width * pixelBytes;
  const reach = (window.kernel[0] - 1) * window.rate[0] + 1;
  const [begin, end] = shareOf(output.batch * output.height, 1, part);
  let made = { image: -1, first: 0, last: 0 };
  for (let at = begin; at < end; ) {
    const image = Math.floor(at / output.height);
    const y = at - image * output.height;
    const count = Math.min(end - at, rows, output.height - y);
    const first = Math.max(0, y * window.stride[0] - window.top);
    const last = Math.max(first, Math.min(height, (y + count - 1) * window.stride[0] - window.top + reach));
    const kept = image === made.image ? Math.max(0, made.last - first) : 0;
    if (kept > 0 && first > made.first) {
      const from = part.scratch + (first - made.first) * rowBytes;
      kernels.affine(from, pixelBytes, 0, 0, panels * 8, part.scratch, pixelBytes, kept * width, 0);
    }
    kernels.matmul(
      pixelAt(input, (image * height + first + kept) * width),
      input.stride,
      (last - first - kept) * width,
      k,
      weights,
      bias,
      panels,
      part.scratch + kept * rowBytes,
      pixelBytes,
      0,
      0,
      activationCodes[activation],
    );
    made = { image, first, last };
    // Where row 0 would lie: rows outside of the scratch are never read.
    const offset = part.scratch - first * rowBytes;
    const source = { offset, stride: pixelBytes, batch: 1, height, width, channels: panels * 8 };
    const out = { offset: pixelAt(output, at * output.width), stride: output.stride, width: output.width };
    depthwiseBand(kernels, layer, source, 0, out, y * output.width, (y + count) * output.width);
    at += count;
    yield;
  }
}
