import { madd, relu, store8 } from './simd';

// One or four pixels of a depthwise convolution, all channels, eight at a time. Each is one sum in the order of the taps, whichever function makes it.

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
  least: f32,
  most: f32,
  rectify: bool,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  const end = bias + (<usize>channels << 2);
  const pixel2 = pixel << 1;
  const pixel3 = pixel2 + pixel;
  const pixel4 = pixel << 2;
  const pixel5 = pixel4 + pixel;
  const out2 = outStride << 1;
  const out3 = out2 + outStride;
  while (bias < end) {
    let s0 = v128.load(bias);
    let t0 = v128.load(bias, 16);
    let s1 = s0;
    let t1 = t0;
    let s2 = s0;
    let t2 = t0;
    let s3 = s0;
    let t3 = t0;
    for (let ky = 0; ky < 3; ky++) {
      const row = ky == 0 ? row0 : ky == 1 ? row1 : row2;
      const p0 = v128.load(w);
      const q0 = v128.load(w, 16);
      const p1 = v128.load(w, 32);
      const q1 = v128.load(w, 48);
      const p2 = v128.load(w, 64);
      const q2 = v128.load(w, 80);
      w += 96;
      let v = v128.load(row);
      let z = v128.load(row, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s0 = madd(v, p0, s0);
      t0 = madd(z, q0, t0);
      v = v128.load(row + pixel);
      z = v128.load(row + pixel, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s0 = madd(v, p1, s0);
      t0 = madd(z, q1, t0);
      s1 = madd(v, p0, s1);
      t1 = madd(z, q0, t1);
      v = v128.load(row + pixel2);
      z = v128.load(row + pixel2, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s0 = madd(v, p2, s0);
      t0 = madd(z, q2, t0);
      s1 = madd(v, p1, s1);
      t1 = madd(z, q1, t1);
      s2 = madd(v, p0, s2);
      t2 = madd(z, q0, t2);
      v = v128.load(row + pixel3);
      z = v128.load(row + pixel3, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s1 = madd(v, p2, s1);
      t1 = madd(z, q2, t1);
      s2 = madd(v, p1, s2);
      t2 = madd(z, q1, t2);
      s3 = madd(v, p0, s3);
      t3 = madd(z, q0, t3);
      v = v128.load(row + pixel4);
      z = v128.load(row + pixel4, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s2 = madd(v, p2, s2);
      t2 = madd(z, q2, t2);
      s3 = madd(v, p1, s3);
      t3 = madd(z, q1, t3);
      v = v128.load(row + pixel5);
      z = v128.load(row + pixel5, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s3 = madd(v, p2, s3);
      t3 = madd(z, q2, t3);
    }
    store8(out, s0, t0, low, high);
    store8(out + outStride, s1, t1, low, high);
    store8(out + out2, s2, t2, low, high);
    store8(out + out3, s3, t3, low, high);
    row0 += 32;
    row1 += 32;
    row2 += 32;
    out += 32;
    bias += 32;
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
  least: f32,
  most: f32,
  rectify: bool,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  const end = bias + (<usize>channels << 2);
  const step2 = step << 1;
  while (bias < end) {
    let s = v128.load(bias);
    let t = v128.load(bias, 16);
    for (let ky = 0; ky < 3; ky++) {
      const row = ky == 0 ? row0 : ky == 1 ? row1 : row2;
      let v = v128.load(row);
      let z = v128.load(row, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s = madd(v, v128.load(w), s);
      t = madd(z, v128.load(w, 16), t);
      v = v128.load(row + step);
      z = v128.load(row + step, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s = madd(v, v128.load(w, 32), s);
      t = madd(z, v128.load(w, 48), t);
      v = v128.load(row + step2);
      z = v128.load(row + step2, 16);
      if (rectify) {
        v = relu(v);
        z = relu(z);
      }
      s = madd(v, v128.load(w, 64), s);
      t = madd(z, v128.load(w, 80), t);
      w += 96;
    }
    store8(out, s, t, low, high);
    row0 += 32;
    row1 += 32;
    row2 += 32;
    out += 32;
    bias += 32;
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
  least: f32,
  most: f32,
  rectify: bool,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  const end = bias + (<usize>channels << 2);
  const neighbour2 = neighbour << 1;
  const neighbour3 = neighbour2 + neighbour;
  const out2 = outStride << 1;
  const out3 = out2 + outStride;
  while (bias < end) {
    let s0 = v128.load(bias);
    let t0 = v128.load(bias, 16);
    let s1 = s0;
    let t1 = t0;
    let s2 = s0;
    let t2 = t0;
    let s3 = s0;
    let t3 = t0;
    let row = input;
    for (let ky = 0; ky < kernelHeight; ky++) {
      let at = row;
      for (let kx = 0; kx < kernelWidth; kx++) {
        const p = v128.load(w);
        const q = v128.load(w, 16);
        let v = v128.load(at);
        let z = v128.load(at, 16);
        if (rectify) {
          v = relu(v);
          z = relu(z);
        }
        s0 = madd(v, p, s0);
        t0 = madd(z, q, t0);
        v = v128.load(at + neighbour);
        z = v128.load(at + neighbour, 16);
        if (rectify) {
          v = relu(v);
          z = relu(z);
        }
        s1 = madd(v, p, s1);
        t1 = madd(z, q, t1);
        v = v128.load(at + neighbour2);
        z = v128.load(at + neighbour2, 16);
        if (rectify) {
          v = relu(v);
          z = relu(z);
        }
        s2 = madd(v, p, s2);
        t2 = madd(z, q, t2);
        v = v128.load(at + neighbour3);
        z = v128.load(at + neighbour3, 16);
        if (rectify) {
          v = relu(v);
          z = relu(z);
        }
        s3 = madd(v, p, s3);
        t3 = madd(z, q, t3);
        at += stepX;
        w += 32;
      }
      row += stepY;
    }
    store8(out, s0, t0, low, high);
    store8(out + outStride, s1, t1, low, high);
    store8(out + out2, s2, t2, low, high);
    store8(out + out3, s3, t3, low, high);
    input += 32;
    out += 32;
    bias += 32;
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
  least: f32,
  most: f32,
  rectify: bool,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  const end = bias + (<usize>channels << 2);
  while (bias < end) {
    let s = v128.load(bias);
    let t = v128.load(bias, 16);
    for (let ky = top; ky < bottom; ky++) {
      let at = input + <usize>ky * stepY + <usize>left * stepX;
      let weight = w + (<usize>(ky * kernelWidth + left) << 5);
      for (let kx = left; kx < right; kx++) {
        let v = v128.load(at);
        let z = v128.load(at, 16);
        if (rectify) {
          v = relu(v);
          z = relu(z);
        }
        s = madd(v, v128.load(weight), s);
        t = madd(z, v128.load(weight, 16), t);
        at += stepX;
        weight += 32;
      }
    }
    store8(out, s, t, low, high);
    input += 32;
    out += 32;
    bias += 32;
    w += <usize>taps << 5;
  }
}
