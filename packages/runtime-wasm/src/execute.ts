import { activationCodes, type Kernels, padded, poolCodes, tileRows } from './kernels.ts';
import type { DepthwisePart, Step, StepOf, View } from './plan/step.ts';

/** A thread's index, how many there are, and the offset of its scratch. */
export interface Part {
  readonly thread: number;
  readonly threads: number;
  readonly scratch: number;
}

/** A thread's share of `count` things, cut at multiples of `grain`: the same for every run. */
function shareOf(count: number, grain: number, { thread, threads }: Part): [begin: number, end: number] {
  const grains = Math.ceil(count / grain);
  const cut = (index: number) => Math.min(count, Math.floor((grains * index) / threads) * grain);
  return [cut(thread), cut(thread + 1)];
}

const pixelsOf = ({ batch, height, width }: View): number => batch * height * width;
const imageOf = (view: View, image: number): number =>
  view.offset + image * view.height * view.width * view.stride;
const pixelAt = (view: View, pixel: number): number => view.offset + pixel * view.stride;

/** Calls `run` with ranges of pixels inside of one picture each, `most` at a time. */
function* bands(
  view: View,
  [begin, end]: readonly [number, number],
  most: number,
  run: (image: number, first: number, last: number, pixel: number) => void,
): Generator<void> {
  const perImage = view.height * view.width;
  for (let at = begin; at < end; ) {
    const image = Math.floor(at / perImage);
    const stop = Math.min(end, at + most, (image + 1) * perImage);
    run(image, at - image * perImage, stop - image * perImage, at);
    at = stop;
    yield;
  }
}

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

function* matmul(kernels: Kernels, step: StepOf<'matmul'>, part: Part): Generator<void> {
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

/** How many pixels a slice of a light step has: some hundred microseconds. */
const sliceOf = ({ channels }: View): number => Math.max(1, Math.floor(65536 / padded(channels)));

/** Calls `run` for a thread's pixels, which need no neighbours. */
function* everyPixel(view: View, part: Part, run: (pixel: number, count: number) => void): Generator<void> {
  yield* bands(view, shareOf(pixelsOf(view), 1, part), sliceOf(view), (_image, first, last, pixel) =>
    run(pixel, last - first),
  );
}

type Execute<K extends Step['kind']> = (kernels: Kernels, step: StepOf<K>, part: Part) => Generator<void>;

const executors: { readonly [K in Step['kind']]: Execute<K> } = {
  matmul,
  *depthwise(kernels, { input, output, depthwise }, part) {
    const range = shareOf(pixelsOf(output), 1, part);
    yield* bands(output, range, sliceOf(output), (image, first, last, pixel) => {
      const out = { offset: pixelAt(output, pixel), stride: output.stride, width: output.width };
      depthwiseBand(kernels, depthwise, input, image, out, first, last);
    });
  },
  *pool(kernels, { input, output, window, pool }, part) {
    const range = shareOf(pixelsOf(output), 1, part);
    yield* bands(output, range, sliceOf(output), (image, first, last, pixel) => {
      const { kernel, stride, top, left } = window;
      const { height, width } = input;
      kernels.pool(
        imageOf(input, image),
        input.stride,
        height,
        width,
        padded(input.channels),
        ...kernel,
        ...stride,
        top,
        left,
        pixelAt(output, pixel),
        output.stride,
        output.width,
        first,
        last,
        poolCodes[pool],
      );
    });
  },
  *global_average(kernels, { input, output }, part) {
    const [begin, end] = shareOf(padded(input.channels), 8, part);
    for (let image = 0; image < input.batch; image++) {
      const out = pixelAt(output, image);
      kernels.globalAverage(imageOf(input, image), input.stride, input.height * input.width, out, begin, end);
      yield;
    }
  },
  *adaptive_average(kernels, { input, output }, part) {
    const channels = padded(input.channels);
    yield* bands(output, shareOf(pixelsOf(output), 1, part), 1, (image, first, last, pixel) => {
      const { height, width, stride } = input;
      const [from, to] = [imageOf(input, image), pixelAt(output, pixel)];
      const out = [to, output.stride, output.height, output.width] as const;
      kernels.adaptivePool(from, stride, height, width, channels, ...out, first, last);
    });
  },
  *resize(kernels, { input, output, rows, columns }, part) {
    const [begin, end] = shareOf(output.batch * output.height, 1, part);
    for (let row = begin; row < end; row++) {
      const image = Math.floor(row / output.height);
      const y = row - image * output.height;
      kernels.resize(
        imageOf(input, image),
        input.stride,
        input.width,
        padded(input.channels),
        rows,
        output.height,
        columns,
        output.width,
        pixelAt(output, row * output.width),
        output.stride,
        y,
        y + 1,
      );
      yield;
    }
  },
  *affine(kernels, { input, output, scale, shift, activation }, part) {
    const channels = padded(input.channels);
    yield* everyPixel(output, part, (pixel, count) => {
      const code = activationCodes[activation];
      const [from, to] = [pixelAt(input, pixel), pixelAt(output, pixel)];
      kernels.affine(from, input.stride, scale, shift, channels, to, output.stride, count, code);
    });
  },
  *add(kernels, { input, other, output, activation }, part) {
    const channels = padded(output.channels);
    yield* everyPixel(output, part, (pixel, count) => {
      const code = activationCodes[activation];
      const [a, b, to] = [input, other, output].map((view) => pixelAt(view, pixel));
      kernels.add(a, input.stride, b, other.stride, channels, to, output.stride, count, code);
    });
  },
  *multiply(kernels, { input, other, output, activation }, part) {
    const channels = padded(output.channels);
    const isPerPicture = pixelsOf(other) < pixelsOf(input);
    const range = shareOf(pixelsOf(output), 1, part);
    yield* bands(output, range, sliceOf(output), (image, first, last, pixel) => {
      const code = activationCodes[activation];
      const [a, to] = [pixelAt(input, pixel), pixelAt(output, pixel)];
      const b = pixelAt(other, isPerPicture ? image : pixel);
      const bStride = isPerPicture ? 0 : other.stride;
      kernels.multiply(a, input.stride, b, bStride, channels, to, output.stride, last - first, code);
    });
  },
  *elu(kernels, { input, output }, part) {
    yield* everyPixel(output, part, (pixel, count) => {
      const [from, to] = [pixelAt(input, pixel), pixelAt(output, pixel)];
      kernels.elu(from, input.stride, padded(input.channels), to, output.stride, count);
    });
  },
  *softmax(kernels, { input, output }, part) {
    yield* everyPixel(output, part, (pixel, count) => {
      const [from, to] = [pixelAt(input, pixel), pixelAt(output, pixel)];
      kernels.softmax(from, input.stride, input.channels, to, output.stride, count);
    });
  },
  *copy(kernels, { input, output }, part) {
    yield* everyPixel(output, part, (pixel, count) => {
      const [from, to] = [pixelAt(input, pixel), pixelAt(output, pixel)];
      kernels.copy(from, input.stride, input.channels, to, output.stride, count);
    });
  },
  *zero(kernels, { output }, part) {
    yield* everyPixel(output, part, (pixel, count) => {
      kernels.zero(padded(output.channels), pixelAt(output, pixel), output.stride, count);
    });
  },
  *arg_max(kernels, { input, output }, part) {
    const isByte = input.channels <= 256;
    yield* everyPixel(input, part, (pixel, count) => {
      const to = output.offset + pixel * (isByte ? 1 : 4);
      kernels.argMax(pixelAt(input, pixel), input.stride, input.channels, to, Number(isByte), count);
    });
  },
};

/** A thread's part of a step, in slices of some milliseconds at most: between them an abort is seen. */
export function execute(kernels: Kernels, step: Step, part: Part): Generator<void> {
  return (executors[step.kind] as Execute<Step['kind']>)(kernels, step, part);
}
