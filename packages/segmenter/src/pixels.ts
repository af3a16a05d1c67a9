import type { Pixels } from '@atrous/mask';
import { AtrousError, inWords } from '@atrous/tensor';
import { toSrgb } from './colour.ts';

export type { Pixels };

/** 4, 3 or 1. @throws AtrousError `input` when data and size do not go together */
export function channelsOf({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}): 1 | 3 | 4 {
  const isSide = (side: number) => Number.isInteger(side) && side >= 1;
  if (!isSide(width) || !isSide(height)) {
    throw new AtrousError('input', `picture: expected a positive width and height, got ${width}×${height}`);
  }
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new AtrousError(
      'input',
      `picture: ${data.length} values are neither RGBA, RGB nor grey pixels for width ${width} and height ${height}`,
    );
  }
  return channels;
}

/** Pixels as they may be given: also in Display-P3, and as the float16 of an `ImageData`. */
export interface GivenPixels {
  readonly width: number;
  readonly height: number;
  /** 8-bit numbers, or float16 from 0 to 1. */
  readonly data: ArrayBufferView & ArrayLike<number>;
  /** As in `ImageData`: `srgb` or `display-p3`. @default 'srgb' */
  readonly colorSpace?: string;
}

/** True for raw pixels, usable or not: anything with `data`, which nothing has that can be drawn. */
export function isPixels(value: unknown): value is GivenPixels {
  return typeof value === 'object' && value !== null && 'data' in value && 'width' in value;
}

const isBytes = (data: unknown): data is Uint8Array | Uint8ClampedArray =>
  data instanceof Uint8Array || data instanceof Uint8ClampedArray;
/** By its tag: not every platform has the class. */
const isHalves = (data: unknown): boolean => Object.prototype.toString.call(data) === '[object Float16Array]';

/**
 * Looks at pixels without touching them.
 * @throws AtrousError `input` for other kinds of numbers, colour spaces, or a size that does not go with the data
 */
export function checkPixelData({ width, height, data, colorSpace = 'srgb' }: GivenPixels): 1 | 3 | 4 {
  if (!isBytes(data) && !isHalves(data)) {
    throw new AtrousError(
      'input',
      `picture: expected pixels in a Uint8Array, Uint8ClampedArray or Float16Array, got ${inWords(data)}`,
    );
  }
  expectAttached(data.buffer);
  if (colorSpace !== 'srgb' && colorSpace !== 'display-p3') {
    throw new AtrousError('input', `picture: expected srgb or display-p3 pixels, got ${inWords(colorSpace)}`);
  }
  return channelsOf({ width, height, data });
}

/**
 * Pixels as the network sees them. 8-bit sRGB is taken as it is, without a copy, whatever its size.
 * @throws AtrousError `input`
 */
export function takePixels(given: GivenPixels): Pixels {
  const channels = checkPixelData(given);
  const { width, height, data, colorSpace = 'srgb' } = given;
  const isFloat = !isBytes(data);
  if (!isFloat && colorSpace === 'srgb') return given as Pixels;
  return { width, height, data: toSrgb(data, channels, colorSpace, isFloat) };
}

/** The bytes of what may be an encoded file in memory; memory that is shared is copied. @throws AtrousError `input` */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const isShared = typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;
  if (!(value instanceof ArrayBuffer) && !isShared && !ArrayBuffer.isView(value)) return undefined;
  expectAttached(ArrayBuffer.isView(value) ? value.buffer : (value as ArrayBuffer));
  const view = ArrayBuffer.isView(value) ? value : new Uint8Array(value as ArrayBuffer);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
}

function expectAttached(buffer: ArrayBufferLike): void {
  if (!('detached' in buffer) || !buffer.detached) return;
  throw new AtrousError('input', 'picture: its memory is gone: the buffer was transferred elsewhere');
}

/** One row as red, green and blue, composited on white where there is alpha. */
export function readRgbRow(
  { data, width }: Pixels,
  channels: 1 | 3 | 4,
  row: number,
  out: Float64Array,
): void {
  for (let x = 0, i = row * width * channels, o = 0; x < width; x++, i += channels, o += 3) {
    if (channels === 4) {
      const alpha = data[i + 3];
      const white = 255 - alpha;
      for (let c = 0; c < 3; c++)
        out[o + c] = alpha === 255 ? data[i + c] : (data[i + c] * alpha) / 255 + white;
    } else {
      for (let c = 0; c < 3; c++) out[o + c] = data[channels === 3 ? i + c : i];
    }
  }
}

/** The same pixels as RGBA. */
export function toRgba(pixels: Pixels): Pixels {
  const channels = channelsOf(pixels);
  if (channels === 4) return pixels;
  const { width, height, data } = pixels;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels === 3 ? 3 * i + c : i];
    rgba[4 * i + 3] = 255;
  }
  return { width, height, data: rgba };
}
