import type { Fail } from '../fail.ts';

/**
 * A function or class that a pickle may ask for. None of them is Python's: each is a few lines here that make plain data
 * of their arguments.
 */
export class PickleGlobal {
  /** e.g. `collections.OrderedDict` */
  readonly name: string;
  /** What a call gives; absent for what is only named. */
  readonly make?: (args: readonly unknown[], fail: Fail) => unknown;

  constructor(name: string, make?: (args: readonly unknown[], fail: Fail) => unknown) {
    this.name = name;
    this.make = make;
  }
}

/** What takes a state after it was made, as Python's objects do. */
export interface Stateful {
  setState(state: unknown): void;
}

export const isStateful = (value: unknown): value is Stateful =>
  value instanceof PickleRecord || value instanceof NumpyArray || value instanceof NumpyDType;

/** An object of which nothing but its attributes is kept. */
export class PickleRecord implements Stateful {
  /** Of its class. */
  readonly name: string;
  readonly fields: Map<unknown, unknown> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  setState(state: unknown): void {
    if (!(state instanceof Map)) return; // the attributes of slots and what else there is are not data
    for (const [name, value] of state) this.fields.set(name, value);
  }
}

/** NumPy's dtype, e.g. `f8` with the order `<`. */
export class NumpyDType implements Stateful {
  readonly code: string;
  isBigEndian = false;

  constructor(code: string) {
    this.code = code;
  }

  setState(state: unknown): void {
    this.isBigEndian = Array.isArray(state) && state[1] === '>';
  }
}

/** An array of NumPy, which training keeps beside weights. Its numbers are not kept. */
export class NumpyArray implements Stateful {
  setState(): void {}
}
