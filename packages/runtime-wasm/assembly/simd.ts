// What all kernels share. Pointers are bytes, strides are bytes, channel counts are padded to multiples of 8.

/** a·b + c: one instruction where relaxed SIMD is there, two roundings where it is not. */
// @ts-expect-error: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// @ts-expect-error: decorator
@inline
export const NONE: i32 = 0;
// @ts-expect-error: decorator
@inline
export const RELU: i32 = 1;
// @ts-expect-error: decorator
@inline
export const RELU6: i32 = 2;
// @ts-expect-error: decorator
@inline
export const HARDSIGMOID: i32 = 3;
// @ts-expect-error: decorator
@inline
export const HARDSWISH: i32 = 4;

/** max(x, 0), one instruction on x86, and NaN stays NaN. */
// @ts-expect-error: decorator
@inline
export function relu(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

/** The activation of an epilogue; those that are most common are found first. */
// @ts-expect-error: decorator
@inline
export function activate(x: v128, activation: i32): v128 {
  if (activation == NONE) return x;
  if (activation == RELU) return relu(x);
  if (activation == RELU6) return f32x4.pmin(relu(x), f32x4.splat(6));
  const y = f32x4.mul(f32x4.pmin(relu(f32x4.add(x, f32x4.splat(3))), f32x4.splat(6)), f32x4.splat(1.0 / 6.0));
  return activation == HARDSWISH ? f32x4.mul(x, y) : y;
}

// The same without branches for what most activations are, bounds: V8 pairs no vectors that come out of branches. Bounds go from function to
// function as scalars: where they were vectors, V8's pairing ended the process ("unreachable code").

/** The least that an activation gives; hard sigmoid and hard swish are no bounds, and follow in a pass of their own. */
// @ts-expect-error: decorator
@inline
export function lowest(activation: i32): f32 {
  return activation == RELU || activation == RELU6 ? 0 : -Infinity;
}

/** The most that it gives. */
// @ts-expect-error: decorator
@inline
export function highest(activation: i32): f32 {
  return activation == RELU6 ? 6 : Infinity;
}

/** NaN stays NaN. */
// @ts-expect-error: decorator
@inline
export function clamp(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, low), high);
}

/** Eight channels between bounds. */
// @ts-expect-error: decorator
@inline
export function store8(out: usize, x: v128, y: v128, low: v128, high: v128): void {
  // Both are there before one is stored, so that V8 can pair them.
  const left = clamp(x, low, high);
  const right = clamp(y, low, high);
  v128.store(out, left);
  v128.store(out, right, 16);
}
