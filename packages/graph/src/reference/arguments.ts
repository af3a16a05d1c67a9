import type { Tensor } from '@atrous/tensor';

/** What a kernel gets: its inputs, its weights by leaf, and zeroed memory for its output. */
export interface Arguments {
  readonly inputs: readonly Tensor[];
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly output: Tensor;
}
