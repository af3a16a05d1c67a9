import type { EpilogueActivation } from '@atrous/graph/lowering';

/** Comparisons rather than `max` and `min`, which may turn NaN into a number. */
const rectified = 'select(x, T(0.0), x < T(0.0))';
const upTo6 = (x: string) => `select(select(${x}, T(0.0), ${x} < T(0.0)), T(6.0), ${x} > T(6.0))`;

/** What each activation makes of a number or of four, in WGSL. */
const codes: Readonly<Record<EpilogueActivation | 'elu', string>> = {
  none: 'return x;',
  relu: `return ${rectified};`,
  relu6: `return ${upTo6('x')};`,
  elu: 'return select(exp(x) - T(1.0), x, x > T(0.0));',
  hardsigmoid: `let y = x + T(3.0); return ${upTo6('y')} / T(6.0);`,
  hardswish: `let y = x + T(3.0); return x * (${upTo6('y')} / T(6.0));`,
};

/** `fn activate`, for the end of a kernel. */
export const activate = (activation: EpilogueActivation | 'elu', type: 'f32' | 'vec4f' = 'vec4f'): string =>
  `alias T = ${type};\nfn activate(x: T) -> T { ${codes[activation]} }`;
