import { activate, madd, relu } from './simd';

// Depthwise convolution. Weights are packed [C/4][tap][4]. Taps that read padding are skipped, never read.

/** Four neighbours at stride and rate 1: 18 inputs serve 36 taps. `rowN` is where a row of the window begins. */
// @ts-expect-error: decorator
@inline
function quad(
  row0: usize,
  row1: usize,
  row2: usize,
  pixel: usize,
  w: usize,
  bias: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  activation: i32,
  rectify: bool,
): void {
  const end = bias + (<usize>channels << 2);
  const pixel2 = pixel << 1;
  const pixel3 = pixel2 + pixel;
  const pixel4 = pixel << 2;
  const pixel5 = pixel4 + pixel;
  const out2 = outStride << 1;
  const out3 = out2 + outStride;
  while (bias < end) {
    let s0 = v128.load(bias);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let ky = 0; ky < 3; ky++) {
      const row = ky == 0 ? row0 : ky == 1 ? row1 : row2;
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      w += 48;
      let v = v128.load(row);
      if (rectify) v = relu(v);
      s0 = madd(v, w0, s0);
      v = v128.load(row + pixel);
      if (rectify) v = relu(v);
      s0 = madd(v, w1, s0);
      s1 = madd(v, w0, s1);
      v = v128.load(row + pixel2);
      if (rectify) v = relu(v);
      s0 = madd(v, w2, s0);
      s1 = madd(v, w1, s1);
      s2 = madd(v, w0, s2);
      v = v128.load(row + pixel3);
      if (rectify) v = relu(v);
      s1 = madd(v, w2, s1);
      s2 = madd(v, w1, s2);
      s3 = madd(v, w0, s3);
      v = v128.load(row + pixel4);
      if (rectify) v = relu(v);
      s2 = madd(v, w2, s2);
      s3 = madd(v, w1, s3);
      v = v128.load(row + pixel5);
      if (rectify) v = relu(v);
      s3 = madd(v, w2, s3);
    }
    v128.store(out, activate(s0, activation));
    v128.store(out + outStride, activate(s1, activation));
    v128.store(out + out2, activate(s2, activation));
    v128.store(out + out3, activate(s3, activation));
    row0 += 16;
    row1 += 16;
    row2 += 16;
    out += 16;
    bias += 16;
  }
}

/** One pixel whose nine taps all lie inside. */
// @ts-expect-error: decorator
@inline
function nine(
  row0: usize,
  row1: usize,
  row2: usize,
  step: usize,
  w: usize,
  bias: usize,
  channels: i32,
  out: usize,
  activation: i32,
  rectify: bool,
): void {
  const end = bias + (<usize>channels << 2);
  const step2 = step << 1;
  while (bias < end) {
    let s = v128.load(bias);
    for (let ky = 0; ky < 3; ky++) {
      const row = ky == 0 ? row0 : ky == 1 ? row1 : row2;
      let v = v128.load(row);
      if (rectify) v = relu(v);
      s = madd(v, v128.load(w), s);
      v = v128.load(row + step);
      if (rectify) v = relu(v);
      s = madd(v, v128.load(w, 16), s);
      v = v128.load(row + step2);
      if (rectify) v = relu(v);
      s = madd(v, v128.load(w, 32), s);
      w += 48;
    }
    v128.store(out, activate(s, activation));
    row0 += 16;
    row1 += 16;
    row2 += 16;
    out += 16;
    bias += 16;
  }
}

/** One pixel with any window, of which the taps from `top` to `bottom` and `left` to `right` lie inside. */
function some(
  input: usize,
  stepY: usize,
  stepX: usize,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  kernelWidth: i32,
  taps: i32,
  w: usize,
  bias: usize,
  channels: i32,
  out: usize,
  activation: i32,
  rectify: bool,
): void {
  const end = bias + (<usize>channels << 2);
  while (bias < end) {
    let s = v128.load(bias);
    for (let ky = top; ky < bottom; ky++) {
      let at = input + <usize>ky * stepY + <usize>left * stepX;
      let weight = w + (<usize>(ky * kernelWidth + left) << 4);
      for (let kx = left; kx < right; kx++) {
        let v = v128.load(at);
        if (rectify) v = relu(v);
        s = madd(v, v128.load(weight), s);
        at += stepX;
        weight += 16;
      }
    }
    v128.store(out, activate(s, activation));
    input += 16;
    out += 16;
    bias += 16;
    w += <usize>taps << 4;
  }
}

/** The first tap that lies inside. */
// @ts-expect-error: decorator
@inline
function firstTap(at: i32, rate: i32): i32 {
  return at >= 0 ? 0 : (rate - 1 - at) / rate;
}

/** One past the last tap that lies inside. */
// @ts-expect-error: decorator
@inline
function lastTap(at: i32, rate: i32, kernel: i32, extent: i32): i32 {
  if (at >= extent) return 0;
  return min(kernel, (extent - 1 - at) / rate + 1);
}

// @ts-expect-error: decorator
@inline
function pixels(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  w: usize,
  bias: usize,
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
  outStride: usize,
  outWidth: i32,
  begin: i32,
  end: i32,
  activation: i32,
  rectify: bool,
): void {
  const isThree = kernelHeight == 3 && kernelWidth == 3;
  const isDense = isThree && strideX == 1 && rateX == 1;
  const stepY = <usize>(rateY * width) * pixel;
  const stepX = <usize>rateX * pixel;
  let y = begin / outWidth;
  let x = begin - y * outWidth;
  let at = begin;
  while (at < end) {
    const iy = y * strideY - padTop;
    const top = firstTap(iy, rateY);
    const bottom = lastTap(iy, rateY, kernelHeight, height);
    const stop = min(outWidth, x + end - at);
    for (; x < stop; x++) {
      const ix = x * strideX - padLeft;
      const left = firstTap(ix, rateX);
      const right = lastTap(ix, rateX, kernelWidth, width);
      // Where the window begins; outside of the picture for taps that are skipped, hence signed.
      const corner = input + <usize>((iy * width + ix) * <i32>pixel);
      if (isThree && top == 0 && bottom == 3 && left == 0 && right == 3) {
        if (isDense && x + 4 <= stop && ix + 5 < width) {
          quad(corner, corner + stepY, corner + 2 * stepY, pixel, w, bias, channels, out, outStride, activation, rectify);
          x += 3;
          at += 4;
          out += outStride << 2;
          continue;
        }
        nine(corner, corner + stepY, corner + 2 * stepY, stepX, w, bias, channels, out, activation, rectify);
      } else {
        some(
          corner, stepY, stepX, top, bottom, left, right, kernelWidth, kernelHeight * kernelWidth,
          w, bias, channels, out, activation, rectify,
        );
      }
      at++;
      out += outStride;
    }
    x = 0;
    y++;
  }
}

/** The output pixels from `begin` to `end` of one picture, counted row by row; `rectify` puts a ReLU on the input. */
export function depthwise(
  input: usize,
  pixel: usize,
  height: i32,
  width: i32,
  w: usize,
  bias: usize,
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
  outStride: usize,
  outWidth: i32,
  begin: i32,
  end: i32,
  activation: i32,
  rectify: i32,
): void {
  if (rectify) {
    pixels(
      input, pixel, height, width, w, bias, channels, kernelHeight, kernelWidth, strideY, strideX, rateY, rateX,
      padTop, padLeft, out, outStride, outWidth, begin, end, activation, true,
    );
  } else {
    pixels(
      input, pixel, height, width, w, bias, channels, kernelHeight, kernelWidth, strideY, strideX, rateY, rateX,
      padTop, padLeft, out, outStride, outWidth, begin, end, activation, false,
    );
  }
}
