import type { Session } from '@atrous/tensor';
import type { Compute } from './int8.ts';
import type { Model } from './model.ts';

export interface LoadOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
  /** In what products are computed: one of the runtime's `computes`. @default as the runtime was made, usually 'float32' */
  readonly compute?: Compute;
}

/** Something that runs networks. */
export interface Runtime {
  readonly name: string;
  /** In what it can compute products. @default float32 alone */
  readonly computes?: readonly Compute[];
  /** What `auto` and an app ask before loading. */
  available(): Promise<true | { readonly reason: string }>;
  load(model: Model, options?: LoadOptions): Promise<Session>;
}
