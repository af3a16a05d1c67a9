import { AtrousError } from '@atrous/tensor';
import type { Pixels } from '../pixels.ts';

/** Pixels that say how many channels they have. */
export interface CountedPixels extends Pixels {
  readonly channels: 1 | 3 | 4;
}

/** Says how many channels a picture has. @throws AtrousError `shape` for data that are neither grey, RGB nor RGBA */
export function pixelsOf({ width, height, data }: Pixels): CountedPixels {
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new AtrousError(
      'shape',
      `picture: expected grey, RGB or RGBA bytes of ${height}×${width} pixels, got ${data.length} bytes`,
    );
  return { width, height, data, channels };
}
