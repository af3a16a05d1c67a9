import type { Session } from '@atrous/tensor';
import type { Model } from './model.ts';

export interface LoadOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Something that runs networks. */
export interface Runtime {
  readonly name: string;
  /** What `auto` and an app ask before loading. */
  available(): Promise<true | { readonly reason: string }>;
  load(model: Model, options?: LoadOptions): Promise<Session>;
}
