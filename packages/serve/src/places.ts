import type { ServeLimits } from './limits.ts';

/** A request's place, from its first byte on. */
export interface Place {
  /** Resolves when it is this one's turn to be worked on. @throws the signal's reason */
  turn(signal: AbortSignal): Promise<void>;
  /** Gives it to the next; a second call does nothing. */
  leave(): void;
}

/** A line of bounded length: who comes when it is full gets no place. */
export interface Places {
  enter(): Place | undefined;
  /** Whose turn it is, and all others who have a place. */
  counts(): { readonly working: number; readonly waiting: number };
  /** Seconds until somebody who finds it full may try again, as turns took until now. */
  retryAfter(): number;
}

export function makePlaces({
  concurrency,
  maxWaiting,
}: Pick<ServeLimits, 'concurrency' | 'maxWaiting'>): Places {
  let inside = 0;
  let working = 0;
  let seconds = 1;
  const line: (() => void)[] = [];
  const next = () => {
    if (working < concurrency) line.shift()?.();
  };
  return {
    enter() {
      if (inside >= concurrency + maxWaiting) return undefined;
      inside++;
      let began: number | undefined;
      let isIn = true;
      return {
        turn: (signal) =>
          new Promise((resolve, reject) => {
            const start = () => {
              signal.removeEventListener('abort', drop);
              working++;
              began = performance.now();
              resolve();
            };
            const drop = () => {
              const at = line.indexOf(start);
              if (at >= 0) line.splice(at, 1);
              reject(signal.reason);
            };
            if (signal.aborted) return reject(signal.reason);
            signal.addEventListener('abort', drop, { once: true });
            line.push(start);
            next();
          }),
        leave() {
          if (!isIn) return;
          isIn = false;
          inside--;
          if (began === undefined) return;
          working--;
          seconds += ((performance.now() - began) / 1000 - seconds) / 8;
          next();
        },
      };
    },
    counts: () => ({ working, waiting: inside - working }),
    retryAfter: () => Math.max(1, Math.ceil((seconds * inside) / concurrency)),
  };
}
