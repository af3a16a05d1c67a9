import { AtrousError, inWords } from '@atrous/tensor';
import { newest, orAborted } from '@atrous/tensor/turns';

/** Pictures that come one after the other: a decoder's, a folder's, a list. */
export type Frames<Frame> = AsyncIterable<Frame> | Iterable<Frame>;

/** A frame out of its source, and how many were left out since the one before. */
export interface Taken<Frame> {
  readonly frame: Frame;
  readonly skipped: number;
}

/** Lets go of what can be closed: video frames, bitmaps. */
export function close(frame: unknown): void {
  if (typeof frame !== 'object' || frame === null) return;
  if ('close' in frame && typeof frame.close === 'function') frame.close();
}

type AnyIterator<Frame> = AsyncIterator<Frame> | Iterator<Frame>;

/**
 * The frames of an iterable or of a `ReadableStream`: all of them in order or, where not every one is wanted, the newest of those
 * that came meanwhile. Whose frames are read is told to stop on every way out, and what still comes is closed.
 */
export function iterableFrames<Frame>(
  source: unknown,
  every: boolean,
  signal: AbortSignal,
): AsyncGenerator<Taken<Frame>, void, undefined> {
  const iterator = iteratorOf<Frame>(source);
  return every ? counted(iterator, signal) : newestFrames(iterator, signal);
}

/** @throws AtrousError `input` for what gives no pictures one after the other */
function iteratorOf<Frame>(source: unknown): AnyIterator<Frame> {
  const isText = typeof source === 'string' || ArrayBuffer.isView(source); // what one picture may be
  if (typeof source === 'object' && source !== null && !isText) {
    if ('getReader' in source) return readerIterator(source as ReadableStream<Frame>);
    if (Symbol.asyncIterator in source) return (source as AsyncIterable<Frame>)[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return (source as Iterable<Frame>)[Symbol.iterator]();
  }
  throw new AtrousError('input', `stream: expected pictures one after the other, got ${inWords(source)}`);
}

/** Not every browser iterates over streams, and a stream's own iterator cannot be left while it waits. */
function readerIterator<Frame>(stream: ReadableStream<Frame>): AsyncIterator<Frame> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<Frame>>,
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

async function* counted<Frame>(iterator: AnyIterator<Frame>, signal: AbortSignal) {
  for await (const frame of inOrder(iterator, signal)) yield { frame, skipped: 0 };
}

/** What an iterator gives; an abort does not wait for what comes next. */
async function* inOrder<Frame>(iterator: AnyIterator<Frame>, signal: AbortSignal): AsyncGenerator<Frame> {
  let isWaiting = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      isWaiting = true;
      const next = Promise.resolve(iterator.next());
      const { done, value } = await orAborted(next, signal).catch((error) => {
        next.then(
          (late) => late.done || close(late.value),
          () => {},
        );
        throw error;
      });
      if (done) return;
      isWaiting = false;
      yield value;
    }
  } finally {
    // one that waits cannot be waited for, and one that is over has nothing to end
    if (!isWaiting) await iterator.return?.();
    else if (signal.aborted) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}

/** Reads on while its own reader is busy. */
async function* newestFrames<Frame>(iterator: AnyIterator<Frame>, signal: AbortSignal) {
  const place = newest<Frame>(close);
  const left = new AbortController();
  const reading = (async () => {
    try {
      const until = AbortSignal.any([signal, left.signal]);
      for await (const frame of inOrder(iterator, until)) place.put(frame);
      place.end();
    } catch (cause) {
      place.end({ cause });
    }
  })();
  try {
    for (;;) {
      signal.throwIfAborted();
      const taken = await place.take();
      if (!taken) return;
      yield { frame: taken.value, skipped: taken.dropped };
    }
  } finally {
    left.abort();
    await reading;
    place.clear();
  }
}
