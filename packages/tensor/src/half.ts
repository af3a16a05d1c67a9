const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** IEEE 754 half-precision bits of a number, rounded to nearest even. */
export function toHalf(value: number): number {
  float[0] = value;
  const x = bits[0];
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds past 65504
  if (magnitude < 0x33000001) return sign; // rounds to zero
  const exponent = (magnitude >>> 23) - 127;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = exponent < -14 ? -1 - exponent : 13; // subnormals lose more bits
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const rounded = kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
  return sign | (exponent < -14 ? rounded : ((exponent + 14) << 10) + rounded);
}

/** The number that half-precision bits stand for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

let table: Float32Array | undefined;

/** Half-precision bits as float32, through a table of all 65,536 values (built at the first call). */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, i) => fromHalf(i));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]];
  return floats;
}

/** Floats as half-precision bits. */
export function floatsToHalves(floats: Float32Array): Uint16Array {
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) halves[i] = toHalf(floats[i]);
  return halves;
}
