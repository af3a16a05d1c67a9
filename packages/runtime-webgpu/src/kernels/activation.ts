import type { EpilogueActivation } from '@atrous/graph/lowering';
import { bitsOf } from './kernel.ts';

/** Activations as kernels know them. Those that only hold values between bounds are one, so that one compiled kernel serves them all. */
export type ActivationCode = 'bounds' | 'elu' | 'hardsigmoid' | 'hardswish';

type Activation = EpilogueActivation | 'elu';
const bounds: Partial<Readonly<Record<Activation, readonly [least: number, most: number]>>> = {
  none: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
};
export const codeOf = (activation: Activation): ActivationCode =>
  bounds[activation] ? 'bounds' : (activation as ActivationCode);

/** Parameters of every kernel that ends in an activation: bits of two numbers. */
export const boundParams = ['least', 'most'] as const;
export type BoundParam = (typeof boundParams)[number];
export function boundsOf(activation: Activation): Readonly<Record<BoundParam, number>> {
  const [least, most] = bounds[activation] ?? [0, 0];
  return { least: bitsOf(least), most: bitsOf(most) };
}

/** Comparisons rather than `max` and `min`, which may turn NaN into a number. */
const between = (x: string, least: string, most: string, T: string) =>
  `select(select(${x}, ${T}(${least}), ${x} < ${T}(${least})), ${T}(${most}), ${x} > ${T}(${most}))`;

/** What each makes of a number or of four, in WGSL. */
const codes: Readonly<Record<ActivationCode, (T: string) => string>> = {
  bounds: (T) => `return ${between('x', 'bounds.x', 'bounds.y', T)};`,
  elu: (T) => `return select(exp(x) - ${T}(1.0), x, x > ${T}(0.0));`,
  hardsigmoid: (T) => `let y = x + ${T}(3.0); return ${between('y', '0.0', '6.0', T)} / ${T}(6.0);`,
  hardswish: (T) => `let y = x + ${T}(3.0); return x * (${between('y', '0.0', '6.0', T)} / ${T}(6.0));`,
};

/** A function of an activation, which takes a number, or four, and the bounds. */
export const activate = (code: ActivationCode, type: 'f32' | 'vec4f' = 'vec4f', name = 'activate'): string =>
  `fn ${name}(x: ${type}, bounds: vec2f) -> ${type} { ${codes[code](type)} }`;

/** Reads the bounds of an activation. */
export const readBounds = (name = 'bounds', [least, most]: readonly [string, string] = boundParams): string =>
  `    let ${name} = vec2f(bitcast<f32>(p.${least}), bitcast<f32>(p.${most}));`;
