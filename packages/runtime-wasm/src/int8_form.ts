import { columnBytes, type Int8Form, int8Forms, type Kernels, rowHeader } from './kernels.ts';

/** A product that stays in the first-level cache. */
const [rows, k, panels] = [24, 256, 4];
const rowBytes = rowHeader + k;
/** Nothing lies at address 0. */
const begin = 1024;
const weights = begin + rows * rowBytes;
const columns = weights + panels * 8 * k;
const out = columns + panels * columnBytes;
/** How much memory the measurement needs, from address 0 on. */
export const formBytes: number = out + rows * panels * 32;

/** Browsers compile well what has run for a while, when they find the time: it is measured until nothing becomes faster. */
const [least, quiet, most] = [30, 20, 200];

/**
 * The form of relaxed SIMD's products in 8 bits that is faster on this machine: a few calls of each in turn, of which the fastest
 * counts. Where they are about as fast, `pairs`. Reads and writes memory up to `formBytes`, whatever lies there.
 * @param now milliseconds
 */
export function fasterForm(
  kernels: Pick<Kernels, 'matmulInt8'>,
  now = (): number => performance.now(),
): Int8Form {
  const best = { pairs: Number.POSITIVE_INFINITY, fused: Number.POSITIVE_INFINITY };
  const began = now();
  let improved = began;
  for (let at = began; at - began < most && (at - began < least || at - improved < quiet); at = now()) {
    for (const form of int8Forms) {
      const since = now();
      for (let i = 0; i < 8; i++) multiply(kernels, form);
      const time = now() - since;
      if (time < 0.97 * best[form]) improved = now();
      best[form] = Math.min(best[form], time);
    }
  }
  return best.fused < 0.9 * best.pairs ? 'fused' : 'pairs';
}

function multiply(kernels: Pick<Kernels, 'matmulInt8'>, form: Int8Form): void {
  const isFused = Number(form === 'fused');
  const rounded = [begin, rowBytes, rows, k] as const;
  kernels.matmulInt8(...rounded, weights, columns, panels, out, panels * 32, 0, 0, 0, isFused, 1);
}
