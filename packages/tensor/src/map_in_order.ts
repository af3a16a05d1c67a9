import { inWords } from './arguments.ts';
import { AtrousError } from './error.ts';
import { orAborted } from './or_aborted.ts';

export interface InOrderOptions {
  /** How many items are under way at once, beside the one whose result the caller has in hand: a whole number from 1 up. */
  readonly concurrency: number;
  readonly signal?: AbortSignal;
}

/**
 * Does something with every item, several at once, and gives the results in the items' order. An item is taken when there is room for it; results
 * that nobody has fetched take room, too, so that a slow reader holds up all of it and nothing piles up.
 * What `work` throws ends it, once the results before it were fetched; so does what the items throw. Whatever ends it, a reader that stops
 * included, aborts what is under way and waits until that is over.
 * @param work gets the signal that aborts it
 * @throws AtrousError `input` for a concurrency that cannot be; the signal's reason
 */
export function mapInOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
  options: InOrderOptions,
): AsyncGenerator<R, void, undefined> {
  const { concurrency } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new AtrousError(
      'input',
      `concurrency: expected a whole number from 1 up, got ${inWords(concurrency)}`,
    );
  }
  return run(items, work, options);
}

async function* run<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T, index: number, signal: AbortSignal) => Promise<R>,
  { concurrency, signal: given }: InOrderOptions,
): AsyncGenerator<R, void, undefined> {
  const stop = new AbortController();
  const signal = given ? AbortSignal.any([given, stop.signal]) : stop.signal;
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Promise<R>[] = [];
  let index = 0;
  let taking: Promise<void> | undefined;
  let end: { readonly error?: unknown } | undefined;
  const take = async () => {
    try {
      const { done, value } = await source.next();
      if (done) end = {};
      if (done || signal.aborted) return;
      const result = work(value, index++, signal);
      result.catch(() => {}); // it is heard when its turn comes
      underWay.push(result);
    } catch (error) {
      end = { error };
    }
  };
  const taken = () => {
    taking = undefined;
  };
  try {
    for (;;) {
      if (!end && underWay.length < concurrency) taking ??= take().then(taken);
      const [oldest] = underWay;
      if (!oldest && !taking) break;
      const next = [oldest?.then(() => true), taking?.then(() => false)];
      const isDone = await orAborted(Promise.race(next.filter((promise) => promise !== undefined)), signal);
      if (isDone) yield await underWay.shift()!;
    }
    if (end && 'error' in end) throw end.error;
  } finally {
    stop.abort();
    // an item that never comes cannot be waited for
    if (!end) Promise.resolve(source.return?.()).catch(() => {});
    await Promise.allSettled(underWay);
  }
}
