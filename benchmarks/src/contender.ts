import type { Tensor } from '@atrous/tensor';
import type { NetworkOptions } from '@atrous/zoo';

/** A network that is ready to run. */
export interface Loaded {
  run(image: Tensor): Promise<Tensor>;
  /** Billions of operations per second of a loop in registers, per thread. */
  peak?(): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

/** What of a network must be known to load it. */
export interface Network {
  readonly name: string;
  /** Of the picture: NHWC. */
  readonly shape: readonly [number, number, number, number];
  /** How its checkpoint is asked for. */
  readonly checkpoint: { readonly network: string; readonly options: NetworkOptions };
}

export interface Request {
  readonly network: Network;
  /** Where its files lie: a URL or a path, ending in `/`. */
  readonly files: string;
  readonly threads: number;
}

/** Loads a network from its files, with exactly that many threads. */
export type Contender = (request: Request) => Promise<Loaded>;

/** Contenders by name, each brought when it is wanted: who is not measured costs no byte. */
export type Contenders = Readonly<Record<string, () => Promise<Contender>>>;
