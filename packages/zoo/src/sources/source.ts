import type { Style } from '@atrous/xception';
import type { ArchitectureOptions } from '../architecture.ts';
import type { Layout } from './layout.ts';

/**
 * One renaming: a pattern on our layer's name, and theirs. Blocks carry their index in the network as `@n`, e.g.
 * `encoder/middle_flow/block1@3/conv2/depthwise/batch_norm`. `a|b` names alternatives, tried in order.
 */
export type Rule = readonly [pattern: RegExp, theirs: string | ((...groups: string[]) => string)];

/** A kind of checkpoint: names, layouts, what to ignore, and the conventions that its graph must be built with. */
export interface CheckpointSource {
  readonly name: string;
  readonly description: string;
  /** It is recognised by a weight of this name. */
  readonly signature: RegExp;
  readonly layout: Layout;
  readonly rules: { readonly [S in Style]?: readonly Rule[] };
  /** Weights that mean nothing for inference. */
  readonly ignore?: RegExp;
  /** Padding, epsilons, resize, concat order, low-level tap: what the same names would be wrong without. */
  readonly conventions: { readonly [S in Style]?: ArchitectureOptions };
}
