import { constants } from 'node:os';
import { removePartialFiles } from '@atrous/checkpoint/node';
import { AtrousError } from '@atrous/tensor';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** When a service or a worker is told to stop. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Ends the work in hand at the first signal, and the process at the second. What is half written is removed either way;
 * the exit code is 128 and the signal's number, as shells have it.
 */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  process.on('exit', removePartialFiles);
  for (const signal of signals) {
    process.on(signal, () => {
      process.exitCode = 128 + constants.signals[signal];
      if (controller.signal.aborted) process.exit();
      controller.abort(new AtrousError('runtime', 'interrupted'));
    });
  }
  return controller.signal;
}
