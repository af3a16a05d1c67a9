import { exp } from './exp';
import { activate, clamp, highest, lowest, madd, RELU6 } from './simd';

/** activation(a·scale + shift) per channel; `scale` 0 stands for 1 and 0. */
export function affine(
  input: usize,
  stride: usize,
  scale: usize,
  shift: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  count: i32,
  activation: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let at = 0; at < count; at++) {
    for (let c: usize = 0; c < bytes; c += 32) {
      let x = v128.load(input + c);
      let y = v128.load(input + c, 16);
      if (scale) {
        x = madd(x, v128.load(scale + c), v128.load(shift + c));
        y = madd(y, v128.load(scale + c, 16), v128.load(shift + c, 16));
      }
      x = activate(x, activation);
      y = activate(y, activation);
      v128.store(out + c, x);
      v128.store(out + c, y, 16);
    }
    input += stride;
    out += outStride;
  }
}

/** activation(a + b). */
export function add(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  count: i32,
  activation: i32,
): void {
  const low = f32x4.splat(lowest(activation));
  const high = f32x4.splat(highest(activation));
  const first = out;
  const bytes = (<usize>channels) << 2;
  for (let at = 0; at < count; at++) {
    for (let c: usize = 0; c < bytes; c += 32) {
      const x = clamp(f32x4.add(v128.load(a + c), v128.load(b + c)), low, high);
      const y = clamp(f32x4.add(v128.load(a + c, 16), v128.load(b + c, 16)), low, high);
      v128.store(out + c, x);
      v128.store(out + c, y, 16);
    }
    a += aStride;
    b += bStride;
    out += outStride;
  }
  if (activation > RELU6) affine(first, outStride, 0, 0, channels, first, outStride, count, activation);
}

/** activation(a · b); with a stride of 0, `b` has one number for each channel. */
export function multiply(
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  count: i32,
  activation: i32,
): void {
  const low = f32x4.splat(lowest(activation));
  const high = f32x4.splat(highest(activation));
  const first = out;
  const bytes = (<usize>channels) << 2;
  for (let at = 0; at < count; at++) {
    for (let c: usize = 0; c < bytes; c += 32) {
      const x = clamp(f32x4.mul(v128.load(a + c), v128.load(b + c)), low, high);
      const y = clamp(f32x4.mul(v128.load(a + c, 16), v128.load(b + c, 16)), low, high);
      v128.store(out + c, x);
      v128.store(out + c, y, 16);
    }
    a += aStride;
    b += bStride;
    out += outStride;
  }
  if (activation > RELU6) affine(first, outStride, 0, 0, channels, first, outStride, count, activation);
}

/** x where x > 0, else exp(x) − 1. */
export function elu(
  input: usize,
  stride: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  count: i32,
): void {
  for (let at = 0; at < count; at++) {
    for (let c = 0; c < channels; c++) {
      const x = load<f32>(input + ((<usize>c) << 2));
      store<f32>(out + ((<usize>c) << 2), x > 0 ? x : Mathf.expm1(x));
    }
    input += stride;
    out += outStride;
  }
}

/** Channel by channel, for slices of a concat that begin between vectors. */
export function copy(
  input: usize,
  stride: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  count: i32,
): void {
  for (let at = 0; at < count; at++) {
    for (let c: usize = 0; c < (<usize>channels) << 2; c += 4) store<f32>(out + c, load<f32>(input + c));
    input += stride;
    out += outStride;
  }
}

/** Probabilities over the first `channels` channels. */
export function softmax(
  input: usize,
  stride: usize,
  channels: i32,
  out: usize,
  outStride: usize,
  count: i32,
): void {
  const bytes = (<usize>channels) << 2;
  for (let at = 0; at < count; at++) {
    let largest = load<f32>(input);
    for (let c: usize = 4; c < bytes; c += 4) largest = max(largest, load<f32>(input + c));
    let sum: f32 = 0;
    for (let c: usize = 0; c < bytes; c += 4) {
      const value = exp(load<f32>(input + c) - largest);
      store<f32>(out + c, value);
      sum += value;
    }
    for (let c: usize = 0; c < bytes; c += 4) store<f32>(out + c, load<f32>(out + c) / sum);
    input += stride;
    out += outStride;
  }
}

/** The channel with the largest value, the lowest of equals, as bytes or as 32-bit integers. */
export function argMax(
  input: usize,
  stride: usize,
  channels: i32,
  out: usize,
  isByte: i32,
  count: i32,
): void {
  for (let at = 0; at < count; at++) {
    let best = 0;
    let largest = load<f32>(input);
    for (let c = 1; c < channels; c++) {
      const value = load<f32>(input + ((<usize>c) << 2));
      if (value > largest) {
        largest = value;
        best = c;
      }
    }
    if (isByte) store<u8>(out + at, <u8>best);
    else store<i32>(out + ((<usize>at) << 2), best);
    input += stride;
  }
}

/** Zeros, where what comes next leaves gaps. */
export function zero(channels: i32, out: usize, outStride: usize, count: i32): void {
  const bytes = (<usize>channels) << 2;
  for (let at = 0; at < count; at++) {
    for (let c: usize = 0; c < bytes; c += 16) v128.store(out + c, f32x4.splat(0));
    out += outStride;
  }
}
