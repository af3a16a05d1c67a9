import { effect } from '@preact/signals';

/**
 * Waits until a condition of signals holds.
 * @returns whether it does: not where it was given up before
 */
export async function until(holds: () => unknown, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const giveUp = () => resolve();
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  const end = effect(() => {
    if (holds()) resolve();
  });
  await promise;
  end();
  signal.removeEventListener('abort', giveUp);
  return !signal.aborted;
}
