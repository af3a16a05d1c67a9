// What slides a window without multiplying: patches for ordinary convolutions, and pools.

/** Patches of the output pixels from `begin` to `end` as rows [kh·kw·channels], zero where they reach into padding. */
export function gather(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  rateY: i32,
  rateX: i32,
  padTop: i32,
  padLeft: i32,
  out: usize,
  outWidth: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let at = begin; at < end; at++) {
    const y = at / outWidth;
    const x = at - y * outWidth;
    for (let ky = 0; ky < kernelHeight; ky++) {
      const iy = y * strideY - padTop + ky * rateY;
      for (let kx = 0; kx < kernelWidth; kx++) {
        const ix = x * strideX - padLeft + kx * rateX;
        const isInside = iy >= 0 && iy < height && ix >= 0 && ix < width;
        const from = input + <usize>(iy * width + ix) * pixel;
        for (let c: usize = 0; c < bytes; c += 16) {
          v128.store(out + c, isInside ? v128.load(from + c) : f32x4.splat(0));
        }
        out += bytes;
      }
    }
  }
}

// @ts-expect-error: decorator
@inline
const MAX: i32 = 1;
// @ts-expect-error: decorator
@inline
const MEAN_WITH_PADDING: i32 = 2;

/** One pixel's eight channels under the window; what is done is known when the function is compiled. */
// @ts-expect-error: decorator
@inline
function poolEight(from: usize, pixel: usize, row: usize, rows: i32, columns: i32, out: usize, share: v128, isMax: bool): void {
  let x = f32x4.splat(isMax ? -Infinity : 0);
  let y = x;
  for (; rows > 0; rows--) {
    let at = from;
    for (let i = 0; i < columns; i++) {
      const u = v128.load(at);
      const v = v128.load(at, 16);
      x = isMax ? f32x4.max(u, x) : f32x4.add(u, x);
      y = isMax ? f32x4.max(v, y) : f32x4.add(v, y);
      at += pixel;
    }
    from += row;
  }
  v128.store(out, isMax ? x : f32x4.mul(x, share));
  v128.store(out, isMax ? y : f32x4.mul(y, share), 16);
}

/** Largest or mean value under the window; padding is no value, and counts in the divisor of one kind of mean alone. */
export function pool(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  padTop: i32,
  padLeft: i32,
  out: usize,
  outStride: usize,
  outWidth: i32,
  begin: i32,
  end: i32,
  kind: i32,
): void {
  const bytes = (<usize>channels) << 2;
  const row = <usize>width * pixel;
  for (let at = begin; at < end; at++) {
    const oy = at / outWidth;
    const y = oy * strideY - padTop;
    const x = (at - oy * outWidth) * strideX - padLeft;
    const top = max(0, y);
    const left = max(0, x);
    const rows = min(height, y + kernelHeight) - top;
    const columns = min(width, x + kernelWidth) - left;
    const taps = kind == MEAN_WITH_PADDING ? kernelHeight * kernelWidth : max(1, rows * columns);
    const share = f32x4.splat(1 / <f32>taps);
    const from = input + <usize>(top * width + left) * pixel;
    if (kind == MAX) {
      for (let c: usize = 0; c < bytes; c += 32) poolEight(from + c, pixel, row, rows, columns, out + c, share, true);
    } else {
      for (let c: usize = 0; c < bytes; c += 32) poolEight(from + c, pixel, row, rows, columns, out + c, share, false);
    }
    out += outStride;
  }
}

/** Means of the parts from `begin` to `end` of one picture: part i of n spans ⌊i·extent/n⌋ to ⌈(i + 1)·extent/n⌉. */
export function adaptivePool(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  channels: i32,
  out: usize,
  outStride: usize,
  outHeight: i32,
  outWidth: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let at = begin; at < end; at++) {
    const y = at / outWidth;
    const x = at - y * outWidth;
    const top = (y * height) / outHeight;
    const bottom = ((y + 1) * height + outHeight - 1) / outHeight;
    const left = (x * width) / outWidth;
    const right = ((x + 1) * width + outWidth - 1) / outWidth;
    const share = f32x4.splat(1 / <f32>((bottom - top) * (right - left)));
    for (let c: usize = 0; c < bytes; c += 16) {
      let sum = f32x4.splat(0);
      // By rows: the error of a sum grows with its length.
      for (let iy = top; iy < bottom; iy++) {
        let part = f32x4.splat(0);
        for (let ix = left; ix < right; ix++) {
          part = f32x4.add(part, v128.load(input + <usize>(iy * width + ix) * pixel + c));
        }
        sum = f32x4.add(sum, part);
      }
      v128.store(out + c, f32x4.mul(sum, share));
    }
    out += outStride;
  }
}

/** The mean over all pixels of one picture, for the channels from `begin` to `end`. */
export function globalAverage(
  input: usize,
  pixel: usize,
  count: i32,
  out: usize,
  begin: i32,
  end: i32,
): void {
  const share = f32x4.splat(1 / <f32>count);
  for (let c = (<usize>begin) << 2; c < (<usize>end) << 2; c += 16) {
    let sum = f32x4.splat(0);
    // By rows of 64: the error of a sum grows with its length.
    let at = input + c;
    for (let done = 0; done < count; ) {
      const stop = min(count, done + 64);
      let part = f32x4.splat(0);
      for (; done < stop; done++) {
        part = f32x4.add(part, v128.load(at));
        at += pixel;
      }
      sum = f32x4.add(sum, part);
    }
    v128.store(out + c, f32x4.mul(sum, share));
  }
}
