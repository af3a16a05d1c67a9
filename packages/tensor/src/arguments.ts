import { AtrousError } from './error.ts';

/** The most threads that may be asked for: above it the number is a mistake. Runtimes may use fewer. */
export const mostThreads = 1024;

/** A value in an error message: what it is, and no more of it than fits on a line. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 60 ? `"${value.slice(0, 60)}…"` : `"${value}"`;
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? name : 'an object';
}

/**
 * Checks a number of threads that a caller gave; undefined is the runtime's own choice.
 * @throws AtrousError `input` for anything but a whole number from 1 to `mostThreads`
 */
export function checkThreads(threads: unknown): void {
  if (threads === undefined) return;
  if (Number.isInteger(threads) && (threads as number) >= 1 && (threads as number) <= mostThreads) return;
  throw new AtrousError(
    'input',
    `threads: expected a whole number from 1 to ${mostThreads}, got ${inWords(threads)}`,
  );
}
