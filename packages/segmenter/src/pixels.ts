import { AtrousError } from '@atrous/tensor';

/** 8-bit pixels, row by row: RGBA (alpha not multiplied in), RGB, or grey, as the length says. `ImageData` is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** 4, 3 or 1. @throws AtrousError `input` when data and size do not go together */
export function channelsOf({ width, height, data }: Pixels): 1 | 3 | 4 {
  const isSide = (side: number) => Number.isInteger(side) && side >= 1;
  if (!isSide(width) || !isSide(height)) {
    throw new AtrousError('input', `picture: expected a positive width and height, got ${width}×${height}`);
  }
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw new AtrousError(
      'input',
      `picture: ${data.length} bytes are neither RGBA, RGB nor grey pixels for width ${width} and height ${height}`,
    );
  }
  return channels;
}

/** True for anything with a width, a height and bytes. */
export function isPixels(value: unknown): value is Pixels {
  const { width, height, data } = (value ?? {}) as Partial<Pixels>;
  const isBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  return typeof width === 'number' && typeof height === 'number' && isBytes;
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
