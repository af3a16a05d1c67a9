import type { Compute, Runtime } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import type { ModelDescription } from '@atrous/zoo';

/** In what convolutions are computed; `auto` is as the model's config advises. */
export type ComputeOption = Compute | 'auto';

/**
 * What a runtime is to compute a model in.
 * @throws AtrousError `unsupported` for what the runtime cannot: another one may
 */
export function computeOf(
  { name, computes = ['float32'] }: Runtime,
  asked: ComputeOption,
  { compute }: ModelDescription,
): Compute {
  if (asked === 'auto') return compute?.int8.auto && computes.includes('int8') ? 'int8' : 'float32';
  if (!computes.includes(asked)) {
    throw new AtrousError(
      'unsupported',
      `${name} computes in ${computes.join(' and ')}, not in ${asked}: the runtime wasm does`,
    );
  }
  return asked;
}
