import type { EpilogueActivation } from '@atrous/graph/lowering';

/** Comparisons rather than `max` and `min`, which may turn NaN into a number. */
const upTo6 = (x: string, T: string) =>
  `select(select(${x}, ${T}(0.0), ${x} < ${T}(0.0)), ${T}(6.0), ${x} > ${T}(6.0))`;

/** What each activation makes of a number or of four, in WGSL. */
const codes: Readonly<Record<EpilogueActivation | 'elu', (T: string) => string>> = {
  none: () => 'return x;',
  relu: (T) => `return select(x, ${T}(0.0), x < ${T}(0.0));`,
  relu6: (T) => `return ${upTo6('x', T)};`,
  elu: (T) => `return select(exp(x) - ${T}(1.0), x, x > ${T}(0.0));`,
  hardsigmoid: (T) => `let y = x + ${T}(3.0); return ${upTo6('y', T)} / ${T}(6.0);`,
  hardswish: (T) => `let y = x + ${T}(3.0); return x * (${upTo6('y', T)} / ${T}(6.0));`,
};

/** A function of an activation, for the end of a kernel. */
export const activate = (
  activation: EpilogueActivation | 'elu',
  type: 'f32' | 'vec4f' = 'vec4f',
  name = 'activate',
): string => `fn ${name}(x: ${type}) -> ${type} { ${codes[activation](type)} }`;
