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
  { name, computes = ['float32'], autoComputes = computes }: Runtime,
  asked: ComputeOption,
  { compute }: ModelDescription,
): Compute {
  if (asked === 'auto') return compute?.int8.auto && autoComputes.includes('int8') ? 'int8' : 'float32';
  if (!computes.includes(asked)) {
    throw new AtrousError(
      'unsupported',
      `${name} computes in ${computes.join(' and ')}, not in ${asked}: ${asked === 'int8' ? 'the runtimes wasm and webgpu do' : 'the runtime webgpu does'}`,
    );
  }
  return asked;
}
