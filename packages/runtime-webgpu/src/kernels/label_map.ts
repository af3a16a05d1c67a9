import { foldedGroup, foldGroups, groupsFor, type Kernel, kernel } from './kernel.ts';

const threads = 64;
const params = [
  'begin',
  'end',
  'classes',
  'stride',
  'inWidth',
  'firstRow',
  'rows',
  'columns',
  'nothing',
] as const;
/** `firstRow` is that of the logits which are there. */
export type LabelParam = (typeof params)[number];

/** Class ids in a word of 32 bits: of 8 or of 16 bits. */
export const labelsPerWord = (classes: number): 2 | 4 => (classes <= 256 ? 4 : 2);

/** Workgroups for some words of a label map. */
export const labelGroups = (words: number): readonly [number, number, number] => [
  1,
  ...foldGroups(groupsFor(words, threads)),
];

/**
 * Logits to class ids, resized and compared in one pass. Each product goes through an exclusive or with a zero that the compiler does not
 * know, so that it cannot become one operation with the sum after it: each step is rounded to float32, as `labelMap` of `mask` rounds it.
 */
export function labelMapKernel(perWord: 2 | 4, confidence: boolean): Kernel<LabelParam> {
  const bits = 32 / perWord;
  return kernel({
    key: `label map ${bits} bits${confidence ? ', confidence' : ''}`,
    params,
    reads: { logits: 'f32', taps: 'i32' },
    writes: { labels: 'u32', ...(confidence && { certain: 'f32' as const }) },
    workgroup: [threads, 1, 1],
    declarations: `struct Taps { a: i32, b: i32, c: i32, d: i32, tx: f32, ty: f32 };
fn times(x: f32, y: f32) -> f32 { return bitcast<f32>(bitcast<i32>(x * y) ^ p.nothing); }
fn blend(a: f32, b: f32, t: f32) -> f32 { return a + times(b - a, t); }
fn sample(at: Taps, c: i32) -> f32 {
  let above = blend(logits[at.a + c], logits[at.b + c], at.tx);
  return blend(above, blend(logits[at.c + c], logits[at.d + c], at.tx), at.ty);
}
fn tapsOf(pixel: i32) -> Taps {
  let y = pixel / p.columns;
  let x = pixel % p.columns;
  let across = 3 * p.rows;
  let left = taps[across + x];
  let right = taps[across + p.columns + x];
  let above = (taps[y] - p.firstRow) * p.inWidth;
  let below = (taps[p.rows + y] - p.firstRow) * p.inWidth;
  return Taps((above + left) * p.stride, (above + right) * p.stride, (below + left) * p.stride, (below + right) * p.stride,
    bitcast<f32>(taps[across + 2 * p.columns + x]), bitcast<f32>(taps[2 * p.rows + y]));
}`,
    body: `    let word = p.begin + ${foldedGroup} * ${threads} + i32(local.x);
    if (word >= p.end) { return; }
    let pixels = p.rows * p.columns;
    var packed = 0u;
    for (var i = 0; i < ${perWord}; i++) {
      let pixel = word * ${perWord} + i;
      if (pixel >= pixels) { break; }
      let at = tapsOf(pixel);
      var best = 0;
      var largest = sample(at, 0);
      for (var c = 1; c < p.classes; c++) {
        let next = sample(at, c);
        if (next > largest) { largest = next; best = c; }
      }
      packed |= u32(best) << u32(i * ${bits});${
        confidence
          ? `
      var sum = 0.0;
      for (var c = 0; c < p.classes; c++) { sum += exp(sample(at, c) - largest); }
      certain[pixel] = 1.0 / sum;`
          : ''
      }
    }
    labels[word] = packed;`,
  });
}
