/**
 * exp in single precision, to about an ulp: 2^n · e^r with |r| ≤ ln 2 / 2, r by the polynomial of Cephes' expf. AssemblyScript's own keeps
 * tables in a data segment, which each thread's instantiation would write over the shared memory again.
 */
export function exp(x: f32): f32 {
  if (x > 88.72) return Infinity;
  if (x < -87.33) return 0;
  const n = nearest<f32>(x * 1.44269504);
  const r = x - n * 0.693359375 + n * 2.1219444e-4;
  let p: f32 = 1.98756915e-4;
  p = p * r + 1.3981999507e-3;
  p = p * r + 8.3334519073e-3;
  p = p * r + 4.1665795894e-2;
  p = p * r + 1.6666665459e-1;
  p = p * r + 5.0000001201e-1;
  const y = p * r * r + r + 1;
  return y * reinterpret<f32>((<i32>n + 127) << 23);
}
