import type { Machine } from './machine.ts';

export interface SpeedRow {
  readonly network: string;
  readonly threads: number;
  readonly contender: string;
  readonly operations: number;
  /** Of the wall clock, one of each round. */
  readonly milliseconds: readonly number[];
  /** Of all threads together; empty where the system does not tell. */
  readonly cpu: readonly number[];
  /** Relative to the first contender. */
  readonly error: number;
  readonly peaks: readonly (readonly number[])[];
  /** Why it could not be measured. */
  readonly left?: string;
}

/** Chromium or Node, started with a set of flags. */
export interface Platform {
  readonly name: string;
  /** Of the flags. */
  readonly set: string;
  readonly flags: readonly string[];
  readonly speed: readonly SpeedRow[];
  /** The largest network, one thread, a fresh process each. */
  readonly first: readonly {
    readonly contender: string;
    readonly load: number;
    readonly run: number;
    /** Peak of the process, less an empty one's. */
    readonly bytes: number;
    readonly transferred?: { readonly runtime: number; readonly weights: number };
  }[];
}

/** How long a model's folder takes to a ready segmenter, on the first visit and on later ones. */
export interface LoadTimes {
  /** Nothing is there: download, checksum, packing. */
  readonly first: number;
  /** Files are in Cache Storage; each a page of its own. */
  readonly cached: readonly number[];
  /** Packed weights are in the private file system, too. */
  readonly packed: readonly number[];
}

/** `results.json`. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes of each build of our kernels. */
  readonly modules: Readonly<Record<string, number>>;
  readonly platforms: readonly Platform[];
  /** From a model's folder to a ready segmenter in Chromium, in milliseconds, by the model's name. */
  readonly loads?: Readonly<Record<string, LoadTimes>>;
}

export const minimum = (values: readonly number[]): number => Math.min(...values);
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1];
