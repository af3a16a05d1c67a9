import { describeSpec } from '@atrous/tensor';
import type { Plan } from './plan.ts';

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** A plan as text: one line per dispatch, and what it needs in all. */
export function describePlan({ dispatches, slots }: Plan): string {
  const lines = dispatches.map(({ name, kernel, output, multiplyAdds }, i) => {
    const work = multiplyAdds > 0 ? `${(multiplyAdds / 1e6).toFixed(1)} M multiply-adds` : '';
    return [`${i + 1}`, name, kernel.key, `→ ${describeSpec(output)}`, work].filter(Boolean).join('  ');
  });
  const kernels = new Set(dispatches.map(({ kernel }) => kernel.key));
  const bytes = slots.reduce((sum, slot) => sum + slot, 0);
  return [
    ...lines,
    `${dispatches.length} dispatches of ${kernels.size} kernels, values in ${slots.length} buffers of ${megabytes(bytes)}`,
  ].join('\n');
}
