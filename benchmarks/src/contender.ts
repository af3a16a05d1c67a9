import type { Tensor } from '@atrous/tensor';

/** A network that is ready to run. */
export interface Loaded {
  run(image: Tensor): Promise<Tensor>;
  /** Billions of operations per second of a loop in registers, per thread. */
  peak?(): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

export interface Request {
  /** A name in `networks`. */
  readonly network: string;
  /** Where its files lie: a URL or a path, ending in `/`. */
  readonly files: string;
  readonly threads: number;
}

/** Loads a network from its files, with exactly that many threads. */
export type Contender = (request: Request) => Promise<Loaded>;

/** Contenders by name, each brought when it is wanted: who is not measured costs no byte. */
export type Contenders = Readonly<Record<string, () => Promise<Contender>>>;
