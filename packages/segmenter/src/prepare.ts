import { type Tensor, tensor } from '@atrous/tensor';
import { channelsOf, type Pixels, readRgbRow } from './pixels.ts';
import { type Placement, type Preparation, placeInput } from './placement.ts';
import { type ResampleTaps, resampleTaps } from './resize.ts';

/**
 * A picture as the network's input [1,h,w,3], or [1,h,w,1] in grey: composited on white, resized in floats, then
 * `(x − mean) / std`. Plain arithmetic in a fixed order: equal pixels give equal bits in every browser and in Node.
 * @throws AtrousError `input` for pixels that do not fill their size, and for a crop that cannot be
 */
export function prepare(picture: Pixels, preparation: Preparation): Tensor<'float32'> {
  return prepareAt(picture, preparation, placeInput(preparation, picture));
}

/** The same, of an input that lies elsewhere on the resized picture. What lies beyond that is the mean. */
export function prepareAt(
  picture: Pixels,
  preparation: Preparation,
  { height, width, resized, top, left }: Placement,
): Tensor<'float32'> {
  const given = channelsOf(picture);
  const channels = preparation.channels === 'grey' ? 1 : 3;
  const shape = [1, height, width, channels];
  const data = new Float32Array(height * width * channels); // 0: the mean, less the mean
  const [lines, columns] = [Math.min(height, resized.height - top), Math.min(width, resized.width - left)];
  if (lines <= 0 || columns <= 0) return tensor('float32', shape, data);

  const antialias = preparation.filter === 'bilinear-antialiased';
  const across = resampleTaps(picture.width, resized.width, antialias, left, columns);
  const down = resampleTaps(picture.height, resized.height, antialias, top, lines);
  const first = down.start[0];
  const end = down.start[lines - 1] + down.count[lines - 1];
  const rows = resizeRows(picture, given, across, columns, first, end);

  const writeLine = channels === 1 ? writeGreys : writeColours;
  const lineLength = columns * 3;
  const line = new Float64Array(lineLength);
  for (let y = 0; y < lines; y++) {
    line.fill(0);
    for (let k = 0; k < down.count[y]; k++) {
      const weight = down.weights[y * down.stride + k];
      const from = (down.start[y] + k - first) * lineLength;
      for (let i = 0; i < lineLength; i++) line[i] += rows[from + i] * weight;
    }
    writeLine(line, columns, preparation, data, y * width * channels);
  }
  return tensor('float32', shape, data);
}

/** The rows of a picture from `first` to `end`, exclusive, resized to a width: red, green, blue. */
function resizeRows(
  picture: Pixels,
  channels: 1 | 3 | 4,
  { start, count, weights, stride }: ResampleTaps,
  width: number,
  first: number,
  end: number,
): Float32Array {
  const row = new Float64Array(picture.width * 3);
  const resized = new Float32Array((end - first) * width * 3);
  for (let y = first; y < end; y++) {
    readRgbRow(picture, channels, y, row);
    let o = (y - first) * width * 3;
    for (let x = 0; x < width; x++, o += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      const last = x * stride + count[x];
      for (let w = x * stride, at = start[x] * 3; w < last; w++, at += 3) {
        const weight = weights[w];
        red += row[at] * weight;
        green += row[at + 1] * weight;
        blue += row[at + 2] * weight;
      }
      resized[o] = red;
      resized[o + 1] = green;
      resized[o + 2] = blue;
    }
  }
  return resized;
}

/** A line of red, green and blue, normalised, in the order of the channels. */
function writeColours(
  line: Float64Array,
  width: number,
  { channels, range, mean, std }: Preparation,
  out: Float32Array,
  at: number,
): void {
  const gain = (range[1] - range[0]) / 255;
  const order = channels === 'RGB' ? [0, 1, 2] : [2, 1, 0];
  for (let x = 0; x < width; x++) {
    for (let c = 0; c < 3; c++) {
      const value = line[3 * x + order[c]] * gain + range[0];
      out[at + 3 * x + c] = (value - mean[c]) / std[c];
    }
  }
}

/** The same in grey: ITU-R BT.601's luma, as OpenCV's and Pillow's conversions. */
function writeGreys(
  line: Float64Array,
  width: number,
  { range, mean, std }: Preparation,
  out: Float32Array,
  at: number,
): void {
  const gain = (range[1] - range[0]) / 255;
  for (let x = 0, i = 0; x < width; x++, i += 3) {
    const grey = 0.299 * line[i] + 0.587 * line[i + 1] + 0.114 * line[i + 2];
    out[at + x] = (grey * gain + range[0] - mean[0]) / std[0];
  }
}
