import { bilinearTaps, sizeOf } from '@atrous/tensor';
import { adaptiveWindow } from '../ops/adaptive_average_pool.ts';
import type { OpTable } from '../ops/index.ts';
import type { Arguments } from './arguments.ts';
import { conv2d, depthwiseConv2d, forEachTap } from './convolution.ts';

const hardSigmoid = (x: number) => Math.min(Math.max(x + 3, 0), 6) / 6;

const activations = {
  relu: (x: number) => Math.max(x, 0),
  relu6: (x: number) => Math.min(Math.max(x, 0), 6),
  elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
  hardsigmoid: hardSigmoid,
  hardswish: (x: number) => x * hardSigmoid(x),
} as const;

/** Calls `row` with the offset of each row of channels. */
function forEachRow(shape: readonly number[], row: (start: number, channels: number) => void): void {
  const channels = shape.at(-1)!;
  for (let start = 0; start < sizeOf(shape); start += channels) row(start, channels);
}

/** Every operator, slow and obvious: loops over NHWC, sums in float64. What all other runtimes are held against. */
export const kernels: OpTable<[Arguments], void> = {
  conv2d,
  depthwise_conv2d: depthwiseConv2d,

  batch_norm(op, { inputs: [input], weights: { gamma, beta, mean, variance }, output }) {
    forEachRow(input.shape, (start, channels) => {
      for (let c = 0; c < channels; c++) {
        const normal = (input.data[start + c] - mean[c]) / Math.sqrt(variance[c] + op.epsilon);
        output.data[start + c] = normal * gamma[c] + beta[c];
      }
    });
  },

  activation(op, { inputs: [input], output }) {
    const f = activations[op.function];
    for (let i = 0; i < input.data.length; i++) output.data[i] = f(input.data[i]);
  },

  pool(op, { inputs: [input], output }) {
    const channels = input.shape[3];
    const isMax = op.function === 'max';
    const values = new Float64Array(channels).fill(isMax ? Number.NEGATIVE_INFINITY : 0);
    let taps = 0;
    forEachTap({ ...op, dilation: [1, 1] }, input.shape, output.shape, {
      tap(pixel) {
        taps++;
        for (let c = 0; c < channels; c++) {
          const value = input.data[pixel * channels + c];
          values[c] = isMax ? Math.max(values[c], value) : values[c] + value;
        }
      },
      done(pixel) {
        const divisor = isMax ? 1 : op.countPadding ? sizeOf(op.kernel) : taps;
        for (let c = 0; c < channels; c++) output.data[pixel * channels + c] = values[c] / divisor;
        values.fill(isMax ? Number.NEGATIVE_INFINITY : 0);
        taps = 0;
      },
    });
  },

  global_average_pool(_op, { inputs: [input], output }) {
    const [batch, height, width, channels] = input.shape;
    const pixels = height * width;
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let p = 0; p < pixels; p++) sum += input.data[(n * pixels + p) * channels + c];
        output.data[n * channels + c] = sum / pixels;
      }
    }
  },

  adaptive_average_pool(op, { inputs: [input], output }) {
    const [batch, height, width, channels] = input.shape;
    let o = 0;
    for (let n = 0; n < batch; n++) {
      for (let y = 0; y < op.height; y++) {
        const [top, bottom] = adaptiveWindow(y, height, op.height);
        for (let x = 0; x < op.width; x++) {
          const [left, right] = adaptiveWindow(x, width, op.width);
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let row = top; row < bottom; row++) {
              for (let column = left; column < right; column++)
                sum += input.data[((n * height + row) * width + column) * channels + c];
            }
            output.data[o++] = sum / ((bottom - top) * (right - left));
          }
        }
      }
    }
  },

  add(_op, { inputs: [a, b], output }) {
    for (let i = 0; i < output.data.length; i++) output.data[i] = a.data[i] + b.data[i];
  },

  multiply(_op, { inputs: [a, b], output }) {
    const [channels, perPicture] = [a.shape.at(-1)!, sizeOf(a.shape) / a.shape[0]];
    const isPerChannel = a.data.length > b.data.length;
    for (let i = 0; i < output.data.length; i++) {
      const at = isPerChannel ? Math.floor(i / perPicture) * channels + (i % channels) : i;
      output.data[i] = a.data[i] * b.data[at];
    }
  },

  scale(op, { inputs: [input], output }) {
    for (let i = 0; i < input.data.length; i++) output.data[i] = input.data[i] * op.factor;
  },

  concat(_op, { inputs, output }) {
    let offset = 0;
    const width = output.shape.at(-1)!;
    for (const input of inputs) {
      forEachRow(input.shape, (start, channels) => {
        const row = (start / channels) * width + offset;
        for (let c = 0; c < channels; c++) output.data[row + c] = input.data[start + c];
      });
      offset += input.shape.at(-1)!;
    }
  },

  resize_bilinear(op, { inputs: [input], output }) {
    const [batch, height, width, channels] = input.shape;
    const [, outHeight, outWidth] = output.shape;
    const rows = bilinearTaps(op.convention, height, outHeight);
    const columns = bilinearTaps(op.convention, width, outWidth);
    let o = 0;
    for (let n = 0; n < batch; n++) {
      for (let y = 0; y < outHeight; y++) {
        const [above, below] = [rows.lower[y], rows.upper[y]].map((row) => (n * height + row) * width);
        for (let x = 0; x < outWidth; x++) {
          const [left, right, t] = [columns.lower[x], columns.upper[x], columns.fraction[x]];
          for (let c = 0; c < channels; c++) {
            const at = (row: number, column: number) => input.data[(row + column) * channels + c];
            const upper = at(above, left) + (at(above, right) - at(above, left)) * t;
            const lower = at(below, left) + (at(below, right) - at(below, left)) * t;
            output.data[o++] = upper + (lower - upper) * rows.fraction[y];
          }
        }
      }
    }
  },

  dense(op, { inputs: [input], weights: { kernel, bias }, output }) {
    const [batch, channels] = input.shape;
    for (let n = 0; n < batch; n++) {
      for (let unit = 0; unit < op.units; unit++) {
        let sum = bias ? bias[unit] : 0;
        for (let c = 0; c < channels; c++) sum += input.data[n * channels + c] * kernel[c * op.units + unit];
        output.data[n * op.units + unit] = sum;
      }
    }
  },

  softmax(_op, { inputs: [input], output }) {
    forEachRow(input.shape, (start, channels) => {
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < channels; c++) largest = Math.max(largest, input.data[start + c]);
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += Math.exp(input.data[start + c] - largest);
      for (let c = 0; c < channels; c++)
        output.data[start + c] = Math.exp(input.data[start + c] - largest) / sum;
    });
  },

  arg_max(_op, { inputs: [input], output }) {
    forEachRow(input.shape, (start, channels) => {
      let best = 0;
      for (let c = 1; c < channels; c++) if (input.data[start + c] > input.data[start + best]) best = c;
      output.data[start / channels] = best;
    });
  },
};
