import { depthwise, matmul } from './execute_convolution.ts';
import { activationCodes, type Kernels, padded, poolCodes } from './kernels.ts';
import type { Step, StepOf } from './plan/step.ts';
import { bands, everyPixel, imageOf, type Part, pixelAt, pixelsOf, shareOf, sliceOf } from './share.ts';

type Execute<K extends Step['kind']> = (kernels: Kernels, step: StepOf<K>, part: Part) => Generator<void>;

const executors: { readonly [K in Step['kind']]: Execute<K> } = {
  matmul,
  depthwise,
  *pool(kernels, { input, output, window, pool }, part) {
    yield* bands(output, 1, sliceOf(output), part, (image, first, last, pixel) => {
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
    yield* bands(output, 1, 1, part, (image, first, last, pixel) => {
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
    yield* bands(output, 1, sliceOf(output), part, (image, first, last, pixel) => {
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
