import { columnBytes, type Kernels, rowHeader } from './kernels.ts';
import type { Build } from './modules.ts';

/**
 * The forms of each matrix product, in the order of the kernels' numbers. All give the same bits; which is the fastest differs by machine
 * and by whether V8 pairs vectors. In float32: tiles of 6 rows by 8 columns, or by 16. In 8 bits: three instructions that every processor
 * has in some way on 4 × 8, one that newer ones have and others imitate on 6 × 8, that one on 6 × 16.
 */
export const forms = { float32: ['narrow', 'wide'], int8: ['pairs', 'fused', 'wide'] } as const;
export type Float32Form = (typeof forms.float32)[number];
export type Int8Form = (typeof forms.int8)[number];

/** The form of each product that a session takes. */
export interface Forms {
  readonly float32: Float32Form;
  readonly int8: Int8Form;
}
export type Precision = keyof Forms;

/** What is measured: SIMD128 has one instruction for products in 8 bits. */
const candidates: Readonly<Record<Build, { readonly [P in Precision]: readonly Forms[P][] }>> = {
  relaxed: forms,
  simd: { float32: forms.float32, int8: ['pairs', 'wide'] },
};

/** The number that the kernels know a form by. */
export const formCode = <P extends Precision>(precision: P, form: Forms[P]): number =>
  (forms[precision] as readonly string[]).indexOf(form);

/** A product that stays in the first-level cache. */
const [rows, k, panels] = [12, 256, 4];
/** Nothing lies at address 0. */
const begin = 1024;
const weights = begin + rows * (rowHeader + 4 * k);
const columns = weights + panels * 32 * k;
const out = columns + panels * columnBytes;
/** How much memory the measurement needs, from address 0 on; whatever lies there is read. */
export const formBytes: number = out + rows * panels * 32;

/** One product. */
type Multiply = (kernels: Kernels, form: number) => void;
const multiply: Readonly<Record<Precision, Multiply>> = {
  float32(kernels, form) {
    const bias = columns;
    kernels.matmul(begin, 4 * k, rows, k, weights, bias, panels, out, panels * 32, 0, 0, 0, form);
  },
  int8(kernels, form) {
    const rounded = [begin, rowHeader + 2 * k, rows, k] as const;
    kernels.matmulInt8(...rounded, weights, columns, panels, out, panels * 32, 0, 0, 0, form, 1);
  },
};

/** Browsers compile well what has run for a while, when they find the time: it is measured until nothing becomes faster. */
const [least, quiet, most] = [30, 20, 200];
/** Milliseconds of one form at a time: clocks of browsers may tick ten times in one. */
const share = 1;

/**
 * The form of a product that is the fastest here: some milliseconds of each in turn, of which the fastest counts. Where another is about as
 * fast, the first.
 * @param now milliseconds
 */
export function fastestForm<P extends Precision>(
  kernels: Kernels,
  build: Build,
  precision: P,
  now = (): number => performance.now(),
): Forms[P] {
  const found = candidates[build][precision].map((form) => {
    return { form, code: formCode(precision, form), time: Number.POSITIVE_INFINITY };
  });
  const began = now();
  let improved = began;
  for (let at = began; at - began < most && (at - began < least || at - improved < quiet); at = now()) {
    for (const one of found) {
      const since = now();
      let count = 0;
      let passed = 0;
      for (; passed < share; passed = now() - since) {
        for (let i = 0; i < 8; i++) multiply[precision](kernels, one.code);
        count++;
      }
      const time = passed / count;
      if (time < 0.97 * one.time) improved = now();
      one.time = Math.min(one.time, time);
    }
  }
  const [first, ...others] = found;
  return others.reduce((best, one) => (one.time < 0.95 * best.time ? one : best), first).form;
}
