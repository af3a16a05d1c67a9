import { activate, madd, relu } from './simd';

// One or four pixels of a depthwise convolution, all channels. Each is one sum in the order of the taps, whichever function makes it.

/** Four neighbours at stride and rate 1: 18 inputs serve 36 taps. `rowN` is where a row of the window begins. */
// @ts-expect-error: decorator
@inline
export function quad(
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
export function nine(
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

/** Four neighbours with any window, stride and rate, whose taps all lie inside: a weight is read once for the four. */
export function four(
  input: usize,
  stepY: usize,
  stepX: usize,
  neighbour: usize,
  kernelHeight: i32,
  kernelWidth: i32,
  w: usize,
  bias: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  activation: i32,
  rectify: bool,
): void {
  const end = bias + (<usize>channels << 2);
  const neighbour2 = neighbour << 1;
  const neighbour3 = neighbour2 + neighbour;
  const out2 = outStride << 1;
  const out3 = out2 + outStride;
  while (bias < end) {
    let s0 = v128.load(bias);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let row = input;
    for (let ky = 0; ky < kernelHeight; ky++) {
      let at = row;
      for (let kx = 0; kx < kernelWidth; kx++) {
        const weight = v128.load(w);
        let v = v128.load(at);
        if (rectify) v = relu(v);
        s0 = madd(v, weight, s0);
        v = v128.load(at + neighbour);
        if (rectify) v = relu(v);
        s1 = madd(v, weight, s1);
        v = v128.load(at + neighbour2);
        if (rectify) v = relu(v);
        s2 = madd(v, weight, s2);
        v = v128.load(at + neighbour3);
        if (rectify) v = relu(v);
        s3 = madd(v, weight, s3);
        at += stepX;
        w += 16;
      }
      row += stepY;
    }
    v128.store(out, activate(s0, activation));
    v128.store(out + outStride, activate(s1, activation));
    v128.store(out + out2, activate(s2, activation));
    v128.store(out + out3, activate(s3, activation));
    input += 16;
    out += 16;
    bias += 16;
  }
}

/** One pixel with any window, of which the taps from `top` to `bottom` and `left` to `right` lie inside. */
export function some(
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
