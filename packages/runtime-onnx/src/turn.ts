let last: Promise<unknown> = Promise.resolve();

/**
 * onnxruntime-web can neither create nor run two things at a time, so all of it happens in turn. A run cannot be
 * stopped either: on abort the caller is free at once, the answer is dropped, and the next turn waits for the real end.
 */
export function inTurn<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const turn = last.then(() => {
    signal?.throwIfAborted();
    return task();
  });
  last = turn.catch(() => {});
  if (!signal) return turn;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
