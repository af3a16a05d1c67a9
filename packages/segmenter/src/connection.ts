import { AtrousError, messageOf, openWorker } from '@atrous/tensor';
import { type Remote, wrap } from 'comlink';
import { type SegmenterThread, type Settled, unsettle } from './protocol.ts';

/** A worker, or what stands for one, and how it ends. */
export interface Connection {
  readonly thread: Remote<SegmenterThread> | SegmenterThread;
  /** Why there is no worker: the thread that called does its work. */
  readonly withoutWorker?: string;
  /** Calls when the worker breaks or is taken away, with the reason; gives back what forgets that. */
  onEnd(use: (reason: unknown) => void): () => void;
  end(reason: unknown): void;
}

/** What is told of an end, once. */
function ending(close: () => void): Pick<Connection, 'onEnd' | 'end'> {
  const listeners = new Set<(reason: unknown) => void>();
  let ended: { readonly reason: unknown } | undefined;
  return {
    onEnd(use) {
      if (ended) use(ended.reason);
      else listeners.add(use);
      return () => listeners.delete(use);
    },
    end(reason) {
      if (ended) return;
      ended = { reason };
      close();
      for (const use of listeners) use(reason);
      listeners.clear();
    },
  };
}

/** @param name what errors call the worker by */
async function connectTo(worker: Worker, name: string): Promise<Connection> {
  const { onEnd, end } = ending(() => worker.terminate());
  worker.addEventListener('error', ({ message, filename }) => {
    const where = filename && !name.includes(filename) ? ` (${filename})` : '';
    end(new AtrousError('runtime', `${name}: ${message || 'its script cannot be loaded'}${where}`));
  });
  worker.addEventListener('messageerror', () => {
    end(new AtrousError('runtime', `${name}: a message could not be read`));
  });
  const connection = { thread: wrap<SegmenterThread>(worker), onEnd, end };
  await ask(connection, connection.thread.hello());
  return connection;
}

/** An app's own worker. @throws AtrousError where it does not start */
export async function connect(createWorker: () => Worker): Promise<Connection> {
  return connectTo(createWorker(), 'segmenter worker');
}

/**
 * The package's own worker; where it does not start, its script does the work on this thread.
 * @param findScript throws where a bundle does not know where it lies
 * @throws AtrousError `unavailable` that names the script, where that cannot be loaded either
 */
export async function connectOwn(findScript: () => URL): Promise<Connection> {
  const script = scriptOf(findScript);
  try {
    return await connectTo(openWorker(script, 'atrous-segmenter'), script.href);
  } catch (error) {
    return connectHere(script, messageOf(error));
  }
}

async function connectHere({ href }: URL, why: string): Promise<Connection> {
  const module: typeof import('./worker_segmenter.ts') = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ href
  ).catch((cause) => {
    throw new AtrousError(
      'unavailable',
      `the segmenter's script ${href} starts as no worker (${why}) and is not loaded by the page, either: ${messageOf(cause)}`,
      { cause },
    );
  });
  const thread = module.threadHere(why);
  return { thread, withoutWorker: why, ...ending(() => void thread.dispose()) };
}

function scriptOf(findScript: () => URL): URL {
  try {
    return new URL(findScript().href, globalThis.document?.baseURI); // of Turbopack's URLs the `href` is a path
  } catch (cause) {
    throw new AtrousError(
      'unavailable',
      `segmenter worker: this bundle does not know where it lies, so that its worker cannot be found (${messageOf(cause)}): with esbuild ` +
        'add --define:import.meta.url=location.href and copy @atrous/segmenter/dist/worker_segmenter.js beside the page, or give createWorker',
      { cause },
    );
  }
}

/** Asks a connection, until it answers or breaks. Nothing of the answer stays with the connection. */
export async function ask<T>({ onEnd }: Pick<Connection, 'onEnd'>, answer: Promise<Settled<T>>): Promise<T> {
  const { promise: broken, reject } = Promise.withResolvers<never>();
  const forget = onEnd(reject);
  try {
    return unsettle(await Promise.race([answer, broken]));
  } finally {
    forget();
  }
}
