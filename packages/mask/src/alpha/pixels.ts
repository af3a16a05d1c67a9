import { AtrousError } from '@atrous/tensor';

/** A picture of grey, RGB or RGBA bytes, row by row, alpha not multiplied in. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly channels: 1 | 3 | 4;
}

/** Says how many channels a picture has. @throws AtrousError `shape` for data that are neither grey, RGB nor RGBA */
export function pixelsOf({ width, height, data }: Omit<Pixels, 'channels'>): Pixels {
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new AtrousError(
      'shape',
      `picture: expected grey, RGB or RGBA bytes of ${height}×${width} pixels, got ${data.length} bytes`,
    );
  return { width, height, data, channels };
}
