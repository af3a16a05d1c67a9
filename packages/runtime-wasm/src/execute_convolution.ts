import { activationCodes, columnBytes, type Kernels, padded, tileRows } from './kernels.ts';
import type { DepthwisePart, PointwisePart, ProductPart, StepOf, View } from './plan/step.ts';
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

/** Rows of pixels, wherever they lie. */
interface Rows {
  readonly offset: number;
  readonly stride: number;
}

/** Rows times the panels from `first` to `last`: of a product in 8 bits they are rounded in scratch, some at a time. */
function product(
  kernels: Kernels,
  { k, panels, weights, bias, activation, int8 }: ProductPart,
  part: Part,
  input: Rows,
  rows: number,
  output: Rows,
  residual?: Rows,
  [first, last]: readonly [number, number] = [0, panels],
): void {
  const code = activationCodes[activation];
  const count = last - first;
  if (!int8) {
    const panel = first * 32;
    const out = [output.offset + panel, output.stride] as const;
    const added = residual ? ([residual.offset + panel, residual.stride] as const) : ([0, 0] as const);
    const from = [input.offset, input.stride] as const;
    kernels.matmul(...from, rows, k, weights + panel * k, bias + panel, count, ...out, ...added, code);
    return;
  }
  const depth = k / int8.taps;
  const rounded = part.scratch + int8.offset;
  const isFused = Number(part.int8Form === 'fused');
  for (let at = 0; at < rows; at += int8.rows) {
    const some = Math.min(int8.rows, rows - at);
    const from = input.offset + at * input.stride;
    kernels.quantize(from, input.stride, some, int8.taps, int8.channels, depth, rounded, int8.rowBytes);
    kernels.matmulInt8(
      rounded,
      int8.rowBytes,
      some,
      k,
      weights + first * 8 * k,
      bias + first * columnBytes,
      count,
      output.offset + at * output.stride + first * 32,
      output.stride,
      residual ? residual.offset + at * residual.stride + first * 32 : 0,
      residual?.stride ?? 0,
      code,
      isFused,
      1,
    );
  }
}

/** A convolution or dense layer as a matrix product, its rows made band by band where they are not pixels as they lie. */
export function* matmul(kernels: Kernels, step: StepOf<'matmul'>, part: Part): Generator<void> {
  const { input, output, residual, k, panels, band, depthwise, window } = step;
  const rowBytes = k * 4;
  const count = pixelsOf(output);
  const from = (view: View, pixel: number): Rows => ({ offset: pixelAt(view, pixel), stride: view.stride });
  const multiply = (rows: Rows, many: number, pixel: number, columns?: readonly [number, number]) => {
    const added = residual && from(residual, pixel);
    product(kernels, step, part, rows, many, from(output, pixel), added, columns);
  };
  if (step.source === 'direct' && count < tileRows * part.threads) {
    // Few pixels: the columns are shared out instead. The sums are the same.
    const [first, last] = shareOf(panels, 1, part);
    if (last > first) multiply(from(input, 0), count, 0, [first, last]);
    yield;
    return;
  }
  yield* bands(output, shareOf(count, tileRows, part), band, (image, first, last, pixel) => {
    if (step.source === 'direct') {
      multiply(from(input, pixel), last - first, pixel);
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
    multiply({ offset: part.scratch, stride: rowBytes }, last - first, pixel);
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
  pointwise: PointwisePart,
  part: Part,
): Generator<void> {
  const { panels, rows } = pointwise;
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
    const source = (image * height + first + kept) * width;
    product(
      kernels,
      pointwise,
      part,
      { offset: pixelAt(input, source), stride: input.stride },
      (last - first - kept) * width,
      { offset: part.scratch + kept * rowBytes, stride: pixelBytes },
    );
    made = { image, first, last };
    // Where row 0 would lie: rows outside of the scratch are never read.
    const offset = part.scratch - first * rowBytes;
    const between = { offset, stride: pixelBytes, batch: 1, height, width, channels: panels * 8 };
    const out = { offset: pixelAt(output, at * output.width), stride: output.stride, width: output.width };
    depthwiseBand(kernels, layer, between, 0, out, y * output.width, (y + count) * output.width);
    at += count;
    yield;
  }
}
