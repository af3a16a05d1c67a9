import { type Matte, matteOf } from './matte.ts';
import type { CountedPixels } from './pixels.ts';
import type { Probability } from './probability.ts';
import { alphaOfRow, coloursOfRow } from './rows.ts';

/** What `ImageData` is made of, in the words of TypeScript before 5.7, too. */
type ClampedBytes = ReturnType<typeof Uint8ClampedArray.of>;

/** RGBA, row by row, alpha not multiplied in: what `ImageData` is made of. */
export interface CutOut {
  readonly width: number;
  readonly height: number;
  readonly data: ClampedBytes;
}

/** Rows of alpha, 0 to 255, times the picture's own. */
export function alphaRows(matte: Matte, from: number, rows: number): Uint8Array {
  const { width } = matte.picture;
  const out = new Uint8Array(rows * width);
  const alpha = alphaOfRow(matte);
  for (let y = 0; y < rows; y++) alpha(from + y, out.subarray(y * width, (y + 1) * width));
  return out;
}

/**
 * Rows of the cut-out, RGBA: where a pixel is partly covered, its colour is that of what is kept, without what was
 * behind it. Where nothing is kept all four bytes are 0. No other rows of the picture are read: of RGBA, a row may be
 * written over once it is made.
 */
export function cutOutRows(matte: Matte, from: number, rows: number): ClampedBytes {
  const { width } = matte.picture;
  const out = new Uint8ClampedArray(rows * width * 4);
  const line = new Uint8Array(width);
  const alpha = alphaOfRow(matte);
  const colours = coloursOfRow(matte);
  for (let y = 0; y < rows; y++) {
    alpha(from + y, line);
    colours(from + y, line, out.subarray(y * width * 4, (y + 1) * width * 4));
  }
  return out;
}

/** The picture where the probability's classes are, with soft edges. @throws AtrousError `shape` */
export function softCutOut(picture: Omit<CountedPixels, 'channels'>, probability: Probability): CutOut {
  const { width, height } = picture;
  return { width, height, data: cutOutRows(matteOf(picture, probability), 0, height) };
}
