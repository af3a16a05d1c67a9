import { describeSpec } from '@atrous/tensor';
import { megabytes } from '../buffers.ts';
import type { Plan, PlannedDispatch } from './plan.ts';

/** What a dispatch reads and writes, each number once, its share where a step is divided. */
const bytesOf = ({ places, share }: PlannedDispatch, weightBytes: (name: string) => number): number =>
  places.reduce((sum, place) => {
    if ('weights' in place) return sum + weightBytes(place.weights);
    return sum + place.bytes * ('slot' in place ? share : 1);
  }, 0);

/** A plan as text: one line per dispatch, and what it needs in all. @param weightBytes of a node's weights on the device */
export function describePlan({ dispatches, slots }: Plan, weightBytes: (name: string) => number): string {
  const lines = dispatches.map(({ name, kernel, output, multiplyAdds }, i) => {
    const work = multiplyAdds > 0 ? `${(multiplyAdds / 1e6).toFixed(1)} M multiply-adds` : '';
    return [`${i + 1}`, name, kernel.key, `→ ${describeSpec(output)}`, work].filter(Boolean).join('  ');
  });
  const moved = dispatches.reduce((sum, dispatch) => sum + bytesOf(dispatch, weightBytes), 0);
  const kernels = new Set(dispatches.map(({ kernel }) => kernel.key));
  const bytes = slots.reduce((sum, slot) => sum + slot, 0);
  return [
    ...lines,
    `${dispatches.length} dispatches of ${kernels.size} kernels, values in ${slots.length} buffers of ${megabytes(bytes)}, moving ${megabytes(moved)}`,
  ].join('\n');
}
