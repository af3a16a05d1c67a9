import { type Tensor, tensor } from '@atrous/tensor';
import type { InputSize, Preprocess } from '@atrous/zoo';
import { channelsOf, type Pixels, readRgbRow } from './pixels.ts';
import { resampleTaps } from './resize.ts';

/** The network's input size for a picture. */
export function inputSize(size: InputSize, height: number, width: number): { height: number; width: number } {
  if (size.mode === 'fixed') return { height: size.height, width: size.width };
  const { multipleOf: m } = size;
  const scale = size.mode === 'longest-side' ? size.pixels / Math.max(height, width) : 1;
  const side = (pixels: number) => Math.max(m, m * Math.floor((pixels * scale) / m + 0.5));
  return { height: side(height), width: side(width) };
}

/**
 * A picture as the network's input [1,h,w,3]: composited on white, stretched to the input size in floats, then
 * `(x − mean) / std`. Plain arithmetic in a fixed order: equal pixels give equal bits in every browser and in Node.
 */
export function prepare(picture: Pixels, preprocess: Preprocess): Tensor<'float32'> {
  const channels = channelsOf(picture);
  const { height, width } = inputSize(preprocess.size, picture.height, picture.width);
  const antialias = preprocess.filter === 'bilinear-antialiased';
  const { start, count, weights, stride } = resampleTaps(picture.width, width, antialias);
  const vertical = resampleTaps(picture.height, height, antialias);

  const row = new Float64Array(picture.width * 3);
  const stretched = new Float32Array(picture.height * width * 3);
  for (let y = 0; y < picture.height; y++) {
    readRgbRow(picture, channels, y, row);
    let o = y * width * 3;
    for (let x = 0; x < width; x++, o += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      const end = x * stride + count[x];
      for (let w = x * stride, at = start[x] * 3; w < end; w++, at += 3) {
        const weight = weights[w];
        red += row[at] * weight;
        green += row[at + 1] * weight;
        blue += row[at + 2] * weight;
      }
      stretched[o] = red;
      stretched[o + 1] = green;
      stretched[o + 2] = blue;
    }
  }

  const { range, mean, std } = preprocess;
  const gain = (range[1] - range[0]) / 255;
  const order = preprocess.channels === 'RGB' ? [0, 1, 2] : [2, 1, 0];
  const data = new Float32Array(height * width * 3);
  const lineLength = width * 3;
  const line = new Float64Array(lineLength);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let k = 0; k < vertical.count[y]; k++) {
      const weight = vertical.weights[y * vertical.stride + k];
      const from = (vertical.start[y] + k) * lineLength;
      for (let i = 0; i < lineLength; i++) line[i] += stretched[from + i] * weight;
    }
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const value = line[3 * x + order[c]] * gain + range[0];
        data[y * lineLength + 3 * x + c] = (value - mean[c]) / std[c];
      }
    }
  }
  return tensor('float32', [1, height, width, 3], data);
}
