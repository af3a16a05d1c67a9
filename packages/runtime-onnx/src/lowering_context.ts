import type { Port } from '@atrous/tensor';
import type { Emitter } from './emitter.ts';

/** What an operator is lowered with. Inside the ONNX graph rank-4 values are NCHW, as ONNX defines its operators. */
export interface LoweringContext {
  readonly emitter: Emitter;
  /** Names of the inputs' ONNX values. */
  readonly inputs: readonly string[];
  /** Their ports as our graph has them, NHWC. */
  readonly ports: readonly Port[];
  /** The name of the node's ONNX value. */
  readonly value: string;
  /** A weight as an initializer, turned from our axes into ONNX's. */
  weight(leaf: string, axes?: readonly [ours: string, theirs: string]): string;
}
