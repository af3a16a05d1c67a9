/** The result, or the abort if it comes first. */
export function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
