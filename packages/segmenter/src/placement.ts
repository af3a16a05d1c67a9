import { AtrousError } from '@atrous/tensor';
import type { InputSize, Preprocess } from '@atrous/zoo';

/** How a picture becomes the network's input: a config's `preprocess`. */
export type Preparation = Preprocess;

interface Extent {
  readonly height: number;
  readonly width: number;
}

/**
 * The whole picture is resized; the network's input begins at `top` and `left` of that. What of the input lies beyond it is padded with the mean.
 */
export interface Placement extends Extent {
  readonly resized: Extent;
  readonly top: number;
  readonly left: number;
}

/** How much larger a picture becomes; of a fixed size, as large as fits into it. */
function scaleOf(size: InputSize, { height, width }: Extent, times: number): number {
  if (size.mode === 'longest-side') return (times * size.pixels) / Math.max(height, width);
  if (size.mode === 'shortest-side') return (times * size.pixels) / Math.min(height, width);
  if (size.mode === 'original') return times;
  return Math.min(scaledSide(size.height, times) / height, scaledSide(size.width, times) / width);
}

const nearest = (value: number): number => Math.max(1, Math.floor(value + 0.5));

/** The network's input size for a picture that is stretched to it, or `times` as large. */
export function inputSize(
  size: InputSize,
  height: number,
  width: number,
  times = 1,
): { height: number; width: number } {
  if (size.mode === 'fixed') {
    return { height: scaledSide(size.height, times), width: scaledSide(size.width, times) };
  }
  const { multipleOf: m } = size;
  const scale = scaleOf(size, { height, width }, times);
  const side = (pixels: number) => m * nearest((pixels * scale) / m);
  return { height: side(height), width: side(width) };
}

/** The picture in its own ratio, and the input that holds it. */
function padded(size: InputSize, picture: Extent, times: number): { resized: Extent; input: Extent } {
  const scale = scaleOf(size, picture, times);
  const resized = { height: nearest(picture.height * scale), width: nearest(picture.width * scale) };
  if (size.mode === 'fixed') return { resized, input: inputSize(size, picture.height, picture.width, times) };
  const side = (pixels: number) => size.multipleOf * Math.ceil(pixels / size.multipleOf);
  return { resized, input: { height: side(resized.height), width: side(resized.width) } };
}

/** A fixed side made larger or smaller by steps of 16, and one more where it is (513): so the last stride meets its end. */
function scaledSide(side: number, times: number): number {
  if (times === 1) return side;
  const rest = side % 16 === 1 ? 1 : 0;
  return Math.max(1, Math.round(((side - rest) * times) / 16)) * 16 + rest;
}

/**
 * Where the network's input lies on a picture. @throws AtrousError `input` for a crop that is no share above 0, or to a
 * size that is not fixed
 */
export function placeInput(
  { size, fit }: Pick<Preparation, 'size' | 'fit'>,
  picture: Extent,
  times = 1,
): Placement {
  if (fit === 'pad') {
    const { resized, input } = padded(size, picture, times);
    return { ...input, resized, top: 0, left: 0 };
  }
  const input = inputSize(size, picture.height, picture.width, times);
  if (fit === 'stretch') return { ...input, resized: input, top: 0, left: 0 };
  if (!(fit.crop > 0 && fit.crop <= 1)) {
    throw new AtrousError('input', `crop: expected a share above 0 and at most 1, got ${fit.crop}`);
  }
  if (size.mode !== 'fixed') {
    throw new AtrousError('input', `crop: expected a fixed size, got one of mode ${size.mode}`);
  }
  const resized = covering(picture, {
    height: Math.floor(input.height / fit.crop),
    width: Math.floor(input.width / fit.crop),
  });
  const top = halfOf(resized.height - input.height);
  const left = halfOf(resized.width - input.width);
  return { ...input, resized, top, left };
}

/** A picture's size when it just covers another; the longer side rounded down, as torchvision does. */
function covering(picture: Extent, { height, width }: Extent): Extent {
  const isTall = height * picture.width >= width * picture.height;
  return isTall
    ? { height, width: Math.floor((height * picture.width) / picture.height) }
    : { height: Math.floor((width * picture.height) / picture.width), width };
}

/** Rounded to the even one, as Python's `round`. */
function halfOf(pixels: number): number {
  const half = Math.floor(pixels / 2);
  return half + (pixels % 2) * (half % 2);
}
