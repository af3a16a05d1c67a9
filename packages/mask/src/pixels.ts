/** 8-bit pixels in sRGB, row by row: RGBA (alpha not multiplied in), RGB, or grey, as the length says. `ImageData` is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}
