/** The fill that stands for weights: each number is computed from its tensor's name (see README.md). */

/** 32-bit FNV-1a of the name's UTF-8 bytes. */
function fnv1a(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** `length` numbers: a counter through murmur3's finaliser, seeded by the name, makes each u of [0, 1), which becomes base + (u − shift) · gain. */
function numbers(name: string, length: number, base: number, shift: number, gain: number): Float32Array {
  const seed = fnv1a(name);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    let x = (seed + Math.imul(i, 0x9e3779b1)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x ^= x >>> 16;
    values[i] = base + ((x >>> 8) / 2 ** 24 - shift) * gain;
  }
  return values;
}

/** `length` numbers in [0, 1). */
export const uniform = (name: string, length: number): Float32Array => numbers(name, length, 0, 0, 1);

export type FillKind = 'kernel' | 'gamma' | 'beta' | 'mean' | 'variance' | 'bias';

/** A weight's numbers by its name and kind. */
export function fill(name: string, length: number, kind: FillKind, fanIn = 1): Float32Array {
  const [base, shift, gain] = {
    kernel: [0, 0.5, 2 * Math.fround(Math.sqrt(3 / fanIn))],
    gamma: [0.8, 0, 0.4],
    variance: [0.6, 0, 0.8],
    beta: [0, 0.5, 0.2],
    mean: [0, 0.5, 0.2],
    bias: [0, 0.5, 0.2],
  }[kind];
  return numbers(name, length, base, shift, gain);
}

/** The input picture: numbers in [−1, 1). */
export function imageFill(length: number): Float32Array {
  return uniform('image', length).map((u) => 2 * u - 1);
}
