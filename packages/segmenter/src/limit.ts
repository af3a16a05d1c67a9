import { AtrousError } from '@atrous/tensor';

/** How many pixels a picture file may have, unless the caller says more: 200 megapixels. */
export const maxPicturePixels = 200_000_000;

export interface PictureOptions {
  readonly signal?: AbortSignal;
  /** A file of more pixels is refused before it is decoded. @default maxPicturePixels */
  readonly maxPixels?: number;
}

/** @throws AtrousError `input` for a picture of more pixels than the limit */
export function checkPixels(
  name: string,
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels: number = maxPicturePixels,
): void {
  if (width * height <= maxPixels) return;
  throw new AtrousError(
    'input',
    `${name}: ${width}×${height} is ${width * height} pixels: expected at most ${maxPixels}; raise maxPixels to read it`,
  );
}
