import { formCode } from './forms.ts';
import { activationCodes, columnBytes, type Kernels, padded, tileRows } from './kernels.ts';
import type { DepthwisePart, Int8Rows, PointwisePart, ProductPart, StepOf, View } from './plan/step.ts';
import { bands, imageOf, type Part, pixelAt, pixelsOf, shareOf, sliceOf } from './share.ts';
import { matrices, zeroBytes } from './winograd.ts';

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

type Columns = readonly [first: number, last: number];

/** Rows times some panels. */
function multiplyFloats(
  kernels: Kernels,
  { k, weights, bias, activation }: ProductPart,
  { forms }: Part,
  input: Rows,
  rows: number,
  output: Rows,
  residual: Rows | undefined,
  [first, last]: Columns,
): void {
  kernels.matmul(
    input.offset,
    input.stride,
    rows,
    k,
    weights + first * 32 * k,
    bias + first * 32,
    last - first,
    output.offset + first * 32,
    output.stride,
    residual ? residual.offset + first * 32 : 0,
    residual?.stride ?? 0,
    activationCodes[activation],
    formCode('float32', forms.float32),
  );
}

/** Rounds rows to those in scratch from `at` on. */
function round(
  kernels: Kernels,
  { k, int8 }: RoundedPart,
  part: Part,
  input: Rows,
  rows: number,
  at = 0,
): void {
  const { taps, channels, rowBytes, offset } = int8;
  const to = part.scratch + offset + at * rowBytes;
  kernels.quantize(input.offset, input.stride, rows, taps, channels, k / taps, to, rowBytes);
}

/** The rounded rows in scratch times some panels. */
function multiplyRounded(
  kernels: Kernels,
  { k, weights, bias, activation, int8 }: RoundedPart,
  part: Part,
  rows: number,
  output: Rows,
  residual: Rows | undefined,
  [first, last]: Columns,
): void {
  kernels.matmulInt8(
    part.scratch + int8.offset,
    int8.rowBytes,
    rows,
    k,
    weights + first * 8 * k,
    bias + first * columnBytes,
    last - first,
    output.offset + first * 32,
    output.stride,
    residual ? residual.offset + first * 32 : 0,
    residual?.stride ?? 0,
    activationCodes[activation],
    formCode('int8', part.forms.int8),
    1,
  );
}

type RoundedPart = ProductPart & { readonly int8: Int8Rows };
/** A product in 8 bits; undefined for one in float32. */
const roundedPart = (product: ProductPart): RoundedPart | undefined =>
  product.int8 && (product as RoundedPart);

const after = ({ offset, stride }: Rows, rows: number): Rows => ({ offset: offset + rows * stride, stride });

/** Rows times some panels; of a product in 8 bits they are rounded first, some at a time. */
function product(
  kernels: Kernels,
  step: ProductPart,
  part: Part,
  input: Rows,
  rows: number,
  output: Rows,
  residual?: Rows,
  columns: Columns = [0, step.panels],
): void {
  const rounded = roundedPart(step);
  if (!rounded) {
    multiplyFloats(kernels, step, part, input, rows, output, residual, columns);
    return;
  }
  for (let at = 0; at < rows; at += rounded.int8.rows) {
    const some = Math.min(rounded.int8.rows, rows - at);
    round(kernels, rounded, part, after(input, at), some);
    multiplyRounded(
      kernels,
      rounded,
      part,
      some,
      after(output, at),
      residual && after(residual, at),
      columns,
    );
  }
}

/** Makes the rows of a product from `first` to `last` in scratch: what a depthwise convolution makes, or patches. */
function makeRows(
  kernels: Kernels,
  { input, output, depthwise, window, k }: StepOf<'matmul'>,
  part: Part,
  image: number,
  first: number,
  last: number,
): void {
  if (depthwise) {
    const out = { offset: part.scratch, stride: k * 4, width: output.width };
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
}

/** How many of something are one piece: at most `most`, and in multiples of `grain` no more work than a slice has. */
const pieces = ({ sliceMultiplyAdds }: Part, multiplyAdds: number, grain: number, most: number): number =>
  sliceMultiplyAdds === undefined
    ? most
    : Math.min(most, Math.max(1, Math.floor(sliceMultiplyAdds / multiplyAdds / grain)) * grain);

/** What the second-level cache is certain to hold beside a band. */
const cachedBytes = 1 << 20;
/** How many pieces a share is cut into at least: each reads all weights, and those that leave the cache are read no more often than bands ask for. */
const piecesFor = (weightBytes: number): number | undefined => (weightBytes > cachedBytes ? 1 : undefined);

/** A convolution or dense layer as a matrix product, its rows made band by band where they are not pixels as they lie. */
export function* matmul(kernels: Kernels, step: StepOf<'matmul'>, part: Part): Generator<void> {
  const { input, output, residual, k, panels, band } = step;
  const count = pixelsOf(output);
  const from = (view: View, pixel: number): Rows => ({ offset: pixelAt(view, pixel), stride: view.stride });
  const addedAt = (pixel: number) => residual && from(residual, pixel);
  if (step.source === 'direct' && count < tileRows * part.threads) {
    // Few pixels: the columns are shared out instead. The sums are the same.
    const [begin, end] = shareOf(panels, 1, part);
    const most = pieces(part, count * k * 8, 1, panels);
    for (let first = begin; first < end; first += most) {
      const columns = [first, Math.min(end, first + most)] as const;
      product(kernels, step, part, from(input, 0), count, from(output, 0), addedAt(0), columns);
      yield;
    }
    return;
  }
  if (step.source === 'winograd') {
    yield* winograd(kernels, step, part);
    return;
  }
  const rounded = roundedPart(step);
  const made: Rows = { offset: part.scratch, stride: k * 4 };
  const most = pieces(part, k * panels * 8, tileRows, band);
  const multiply = (image: number, first: number, last: number, pixel: number) => {
    const out = from(output, pixel);
    if (step.source === 'direct') {
      product(kernels, step, part, from(input, pixel), last - first, out, addedAt(pixel));
    } else if (step.source === 'strided') {
      strided(kernels, step, part, image, first, last);
    } else if (rounded) {
      for (let at = first; at < last; at += rounded.int8.made) {
        const stop = Math.min(last, at + rounded.int8.made);
        makeRows(kernels, step, part, image, at, stop);
        round(kernels, rounded, part, made, stop - at, at - first);
      }
      multiplyRounded(kernels, rounded, part, last - first, out, addedAt(pixel), [0, panels]);
    } else {
      makeRows(kernels, step, part, image, first, last);
      product(kernels, step, part, made, last - first, out, addedAt(pixel));
    }
  };
  yield* bands(output, tileRows, most, part, multiply, piecesFor(k * panels * (rounded ? 8 : 32)));
}

/** A pointwise convolution with a stride, row by row of the output: what is between the pixels is passed over as it lies. */
function strided(
  kernels: Kernels,
  step: StepOf<'matmul'>,
  part: Part,
  image: number,
  first: number,
  last: number,
): void {
  const { input, output, residual, window } = step;
  const [down, across] = window!.stride;
  for (let at = first; at < last; ) {
    const y = Math.floor(at / output.width);
    const x = at - y * output.width;
    const count = Math.min(last - at, output.width - x);
    const offset = imageOf(input, image) + (y * down * input.width + x * across) * input.stride;
    const pixel = image * output.height * output.width + at;
    const rowsAt = (view: View): Rows => ({ offset: pixelAt(view, pixel), stride: view.stride });
    const rows = { offset, stride: across * input.stride };
    product(kernels, step, part, rows, count, rowsAt(output), residual && rowsAt(residual));
    at += count;
  }
}

/** A 3×3 convolution by tiles of 2×2 outputs: 16 products of what lies in scratch. */
function* winograd(
  kernels: Kernels,
  { input, output, residual, k, panels, weights, bias, activation, window, band }: StepOf<'matmul'>,
  part: Part,
): Generator<void> {
  const outputs = panels * 8;
  const tiles = { ...output, height: Math.ceil(output.height / 2), width: Math.ceil(output.width / 2) };
  const zeros = part.scratch;
  const made = zeros + zeroBytes(k, outputs);
  const multiplied = made + band * matrices * k * 4;
  kernels.zero(Math.max(k, outputs), zeros, 0, 1);
  const most = pieces(part, matrices * k * outputs, tileRows, band);
  yield* bands(tiles, tileRows, most, part, (image, first, last) => {
    const count = last - first;
    const range = [tiles.width, first, last] as const;
    kernels.winogradInput(
      imageOf(input, image),
      input.stride,
      input.height,
      input.width,
      k,
      window!.top,
      window!.left,
      zeros,
      made,
      ...range,
    );
    const form = formCode('float32', part.forms.float32);
    for (let m = 0; m < matrices; m++) {
      const a = made + m * count * k * 4;
      const b = weights + m * k * outputs * 4;
      const c = multiplied + m * count * outputs * 4;
      kernels.matmul(a, k * 4, count, k, b, zeros, panels, c, outputs * 4, 0, 0, 0, form);
    }
    kernels.winogradOutput(
      multiplied,
      outputs,
      bias,
      residual ? imageOf(residual, image) : 0,
      residual?.stride ?? 0,
      imageOf(output, image),
      output.stride,
      output.height,
      output.width,
      ...range,
      activationCodes[activation],
    );
  });
}

/** A depthwise convolution on its own, or with the pointwise one before it. */
export function* depthwise(kernels: Kernels, step: StepOf<'depthwise'>, part: Part): Generator<void> {
  if (step.pointwise) {
    yield* pointwiseByRows(kernels, step, step.pointwise, part);
    return;
  }
  const { input, output } = step;
  yield* bands(output, 1, sliceOf(output), part, (image, first, last, pixel) => {
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
