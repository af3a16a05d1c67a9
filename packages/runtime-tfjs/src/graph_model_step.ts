import type { Port } from '@atrous/tensor';
import type { GraphEmitter } from './graph_model_nodes.ts';

/** What an operator is written with. */
export interface Step {
  readonly emit: GraphEmitter;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly ports: readonly Port[];
  weight(leaf: string): string;
  /** A batch norm's scale and shift. */
  affine(leaf: 'scale' | 'shift'): string;
}
