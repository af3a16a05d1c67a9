import { AtrousError } from '@atrous/tensor';
import { type Remote, wrap } from 'comlink';
import { type SegmenterThread, type Settled, unsettle } from './protocol.ts';

/** A worker, and how it ends. */
export interface Connection {
  readonly thread: Remote<SegmenterThread>;
  /** Calls when the worker breaks or is taken away, with the reason; gives back what forgets that. */
  onEnd(use: (reason: unknown) => void): () => void;
  end(reason: unknown): void;
}

export function connect(createWorker: () => Worker): Connection {
  const worker = createWorker();
  const listeners = new Set<(reason: unknown) => void>();
  let ended: { readonly reason: unknown } | undefined;
  const end = (reason: unknown) => {
    if (ended) return;
    ended = { reason };
    worker.terminate();
    for (const use of listeners) use(reason);
    listeners.clear();
  };
  const onEnd = (use: (reason: unknown) => void) => {
    if (ended) use(ended.reason);
    else listeners.add(use);
    return () => listeners.delete(use);
  };
  worker.addEventListener('error', (event) => {
    const what = event.message || 'its script cannot be loaded';
    end(new AtrousError('runtime', `segmenter worker: ${what}`));
  });
  worker.addEventListener('messageerror', () => {
    end(new AtrousError('runtime', 'segmenter worker: a message could not be read'));
  });
  return { thread: wrap<SegmenterThread>(worker), onEnd, end };
}

/** Asks a connection, until it answers or breaks. Nothing of the answer stays with the connection. */
export async function ask<T>({ onEnd }: Connection, answer: Promise<Settled<T>>): Promise<T> {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  const forget = onEnd(reject);
  try {
    return unsettle(await Promise.race([answer, broken]));
  } finally {
    forget();
  }
}
