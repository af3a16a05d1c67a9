import type { TensorSpec } from '@atrous/tensor';
import type { Emitter, Made } from './emitter.ts';

/** What an operator is lowered with. Rank-4 values are NHWC in both graphs. */
export interface Step {
  readonly emitter: Emitter;
  /** Numbers of the inputs' tensors. */
  readonly inputs: readonly number[];
  readonly ports: readonly TensorSpec[];
  /** The tensor that the node makes. */
  readonly made: Made;
  /** Number of the activation that the operator applies itself. */
  readonly fused: number;
  /** Whether no number of the first input is below 0. */
  readonly isNonNegative: boolean;
  /** A weight, turned from our axes into TensorFlow Lite's. */
  weight(leaf: string, axes: readonly [ours: string, theirs: string]): Weight;
  /** A batch norm's scale and shift. */
  affine(leaf: 'scale' | 'shift'): number;
}

/** A weight, and whether the operator that takes it must be one that takes kernels of 8 bits. */
export interface Weight {
  readonly tensor: number;
  readonly isInt8: boolean;
}
