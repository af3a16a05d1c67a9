import { orAborted } from './or_aborted.ts';

export { type InOrderOptions, mapInOrder } from './map_in_order.ts';
export { orAborted };

/** Lets messages, timers and other work in: resolves in a later turn of the event loop, without a timer's delay. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/**
 * Tasks that are given to it run one after the other, whatever became of the one before. An abort rejects at once: what has
 * not begun does not begin, and of what has, the next one waits for the real end.
 */
export function oneByOne(): <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task, signal) => {
    const result = last.then(() => {
      signal?.throwIfAborted();
      return task();
    });
    last = result.then(
      () => {}, // the result is its caller's alone
      () => {},
    );
    return signal ? orAborted(result, signal) : result;
  };
}

/** What was taken, and how many were dropped since the one before. */
export interface Newest<T> {
  readonly value: T;
  readonly dropped: number;
}

/** A place for one value, between who has them and who is slower. */
export interface NewestPlace<T> {
  /** Puts a value there; one that nobody has taken is dropped for it. */
  put(value: T): void;
  /** No more come: what is there can still be taken, then there is nothing, or the error. */
  end(error?: { readonly cause: unknown }): void;
  /** The newest value, when there is one; undefined after the end. One taker at a time. */
  take(): Promise<Newest<T> | undefined>;
  /** Drops what is there. */
  clear(): void;
}

/** The newest value wins. */
export function newest<T>(drop: (value: T) => void = () => {}): NewestPlace<T> {
  let held: { readonly value: T } | undefined;
  let ended: { readonly error?: { readonly cause: unknown } } | undefined;
  let dropped = 0;
  let wake = () => {};
  return {
    put(value) {
      if (held) {
        drop(held.value);
        dropped++;
      }
      held = { value };
      wake();
    },
    end(error) {
      ended = { error };
      wake();
    },
    async take() {
      while (!held && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (held) {
        const taken = { value: held.value, dropped };
        held = undefined;
        dropped = 0;
        return taken;
      }
      if (ended?.error) throw ended.error.cause;
      return undefined;
    },
    clear() {
      if (held) drop(held.value);
      held = undefined;
    },
  };
}
