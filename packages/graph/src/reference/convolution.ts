import type { Conv2d } from '../ops/conv2d.ts';
import type { DepthwiseConv2d } from '../ops/depthwise_conv2d.ts';
import { boundPadding, type DilatedWindow } from '../ops/window.ts';
import type { Arguments } from './arguments.ts';

/** Calls `tap` for each output pixel and each tap of its window that does not read padding, window by window. */
export function forEachTap(
  window: DilatedWindow,
  [batch, height, width]: readonly number[],
  [, outHeight, outWidth]: readonly number[],
  visit: { tap(inPixel: number, ky: number, kx: number): void; done(outPixel: number): void },
): void {
  const [top, , left] = boundPadding(window.padding);
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        for (let ky = 0; ky < window.kernel[0]; ky++) {
          const row = y * window.stride[0] - top + ky * window.dilation[0];
          if (row < 0 || row >= height) continue;
          for (let kx = 0; kx < window.kernel[1]; kx++) {
            const column = x * window.stride[1] - left + kx * window.dilation[1];
            if (column < 0 || column >= width) continue;
            visit.tap((n * height + row) * width + column, ky, kx);
          }
        }
        visit.done((n * outHeight + y) * outWidth + x);
      }
    }
  }
}

export function conv2d(op: Conv2d, { inputs: [input], weights, output }: Arguments): void {
  const { kernel, bias } = weights;
  const data = input.data;
  const inChannels = input.shape[3];
  const sums = new Float64Array(op.channels);
  forEachTap(op, input.shape, output.shape, {
    tap(pixel, ky, kx) {
      let k = (ky * op.kernel[1] + kx) * inChannels * op.channels;
      for (let ci = 0; ci < inChannels; ci++) {
        const value = data[pixel * inChannels + ci];
        if (value === 0) k += op.channels;
        else for (let co = 0; co < op.channels; co++) sums[co] += value * kernel[k++];
      }
    },
    done(pixel) {
      for (let co = 0; co < op.channels; co++) {
        output.data[pixel * op.channels + co] = sums[co] + (bias ? bias[co] : 0);
      }
      sums.fill(0);
    },
  });
}

export function depthwiseConv2d(op: DepthwiseConv2d, { inputs: [input], weights, output }: Arguments): void {
  const { kernel, bias } = weights;
  const data = input.data;
  const channels = input.shape[3];
  const sums = new Float64Array(channels);
  forEachTap(op, input.shape, output.shape, {
    tap(pixel, ky, kx) {
      const k = (ky * op.kernel[1] + kx) * channels;
      for (let c = 0; c < channels; c++) sums[c] += data[pixel * channels + c] * kernel[k + c];
    },
    done(pixel) {
      for (let c = 0; c < channels; c++) output.data[pixel * channels + c] = sums[c] + (bias ? bias[c] : 0);
      sums.fill(0);
    },
  });
}
