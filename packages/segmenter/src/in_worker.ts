import { AtrousError, checkThreads, type ErrorCode, inWords, messageOf } from '@atrous/tensor';
import type { ModelLocation } from '@atrous/zoo';
import { proxy, type Remote, transfer } from 'comlink';
import { checkLoad, checkNames, checkOptions, loadRules, pictureRules, segmentRules } from './arguments.ts';
import { ask, connect } from './connection.ts';
import { type Handover, handOver, postingError, release } from './handover.ts';
import type { PictureOptions } from './limit.ts';
import type { BrowserPicture } from './picture_browser.ts';
import type { PostedOptions, SegmenterThread, Settled } from './protocol.ts';
import { oneByOne } from './queue.ts';
import type { RuntimeStatus } from './runtimes.ts';
import type { Segmenter as AnySegmenter, SegmenterOptions, SegmentOptions } from './segmenter.ts';

export { clearPacked, modelCacheName } from './cache.ts';
export type { BrowserPicture as Picture } from './picture_browser.ts';
export type { RuntimeStatus } from './runtimes.ts';
export type { Segmentation, SegmentOptions, Timings } from './segmenter.ts';

export interface WorkerSegmenterOptions
  extends PostedOptions,
    Pick<SegmenterOptions, 'signal' | 'onProgress' | 'onWarning'> {
  /**
   * Starts an app's own worker file, which calls `serveSegmenter` of `@atrous/segmenter/thread`: for runtimes beside our engine,
   * and for bundlers that do not follow `new URL(…, import.meta.url)`. @default the package's own worker, with our engine alone
   */
  readonly createWorker?: () => Worker;
}

export interface WorkerSegmentOptions extends SegmentOptions {
  /**
   * Move the picture's memory into the worker instead of copying it. An ImageBitmap, a VideoFrame or pixels are the
   * worker's then, whatever becomes of the call: they are closed there. @default false
   */
  readonly transfer?: boolean;
}

/** A model in a worker: the same calls as `Segmenter`, and the page never waits. */
export interface Segmenter extends AnySegmenter<BrowserPicture> {
  /**
   * As `Segmenter.segment`. An abort rejects at once; a worker that does not stop within a second is restarted.
   * @throws AtrousError as `Segmenter.segment`; `runtime` where the worker crashed: the next call starts another
   */
  segment(
    picture: BrowserPicture,
    options?: WorkerSegmentOptions,
  ): ReturnType<AnySegmenter<never>['segment']>;
}

/** How long an aborted call may keep the worker busy before the worker is replaced. */
const patience = 1000;

const ownWorker = (): Worker =>
  new Worker(new URL('./worker_segmenter.ts', import.meta.url), { type: 'module' });

/** URLs as the page sees them: the worker's script may lie elsewhere. @throws AtrousError `input` */
function absolute(url: string | URL): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch (cause) {
    throw new AtrousError('input', `segmenter worker: ${inWords(url)} is no URL: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function postable(model: ModelLocation): ModelLocation {
  if (typeof model === 'string' || model instanceof URL) return absolute(model);
  if (Array.isArray(model)) return model;
  if ('open' in model && typeof model.open === 'function') {
    throw new AtrousError(
      'input',
      'segmenter worker: a model is a URL or files here, not a reader of your own',
    );
  }
  return Object.fromEntries(Object.entries(model).map(([file, url]) => [file, absolute(url as string)]));
}

/** The worker that has the model, started when it is needed and started again when it broke. */
function keepAlive(model: ModelLocation, options: WorkerSegmenterOptions) {
  const { createWorker = ownWorker, signal: _, onProgress = () => {}, onWarning, ...rest } = options;
  const warn = (code: ErrorCode, message: string) => onWarning?.(new AtrousError(code, message));
  const posted = { ...rest, ...(rest.wasm && { wasm: absolute(rest.wasm) }) };
  const location = postable(model);

  async function start(signal?: AbortSignal) {
    const connection = connect(createWorker);
    const stop = () => connection.end(signal?.reason);
    signal?.addEventListener('abort', stop);
    try {
      const answer = connection.thread.load(location, posted, proxy(onProgress), proxy(warn));
      return { connection, facts: await ask(connection, answer) };
    } catch (error) {
      connection.end(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  let current: ReturnType<typeof start> | undefined;
  return {
    get(signal?: AbortSignal) {
      if (current) return current;
      const started = start(signal);
      const forget = () => {
        if (current === started) current = undefined;
      };
      started.then(({ connection }) => connection.onEnd(forget), forget);
      current = started;
      return started;
    },
    async end() {
      const last = current;
      current = undefined;
      (await last?.catch(() => undefined))?.connection.end(gone());
    },
  };
}

const gone = () => new AtrousError('disposed', 'segmenter worker: it was disposed of');

/**
 * `Segmenter.load`, in a worker of its own.
 * @example
 * import { Segmenter } from '@atrous/segmenter/worker';
 * const segmenter = await Segmenter.load('/models/people/');
 */
export const Segmenter: {
  load(model: ModelLocation, options?: WorkerSegmenterOptions): Promise<Segmenter>;
} = {
  async load(model, options = {}) {
    checkLoad(model, options);
    options.signal?.throwIfAborted();
    if (typeof options.runtime === 'object') {
      throw new AtrousError(
        'input',
        'segmenter worker: a runtime has a name here; an object cannot be posted',
      );
    }
    if ('runtimes' in options && options.runtimes !== undefined) {
      throw new AtrousError(
        'input',
        'segmenter worker: runtimes cannot be posted: call serveSegmenter({ runtimes }) of @atrous/segmenter/thread in a ' +
          'worker file of your own, and give that as createWorker',
      );
    }
    const worker = keepAlive(model, options);
    const queue = oneByOne();
    const { facts } = await worker.get(options.signal);
    const { config } = facts;
    const disposal = new AbortController();

    /** One call in the worker; an abort stops it there, or ends the worker. */
    async function call<T>(
      work: (thread: Remote<SegmenterThread>) => Promise<Settled<T>>,
      signal: AbortSignal,
    ): Promise<T> {
      const { connection } = await worker.get();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const stop = () => {
        connection.thread.abort();
        timer = setTimeout(() => connection.end(signal.reason), patience);
      };
      signal.throwIfAborted();
      signal.addEventListener('abort', stop);
      try {
        return await ask(connection, work(connection.thread));
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    }

    /** The picture is let go of wherever it does not reach the worker. */
    async function callWith<T>(
      picture: BrowserPicture,
      isGiven: boolean,
      given: AbortSignal | undefined,
      work: (thread: Remote<SegmenterThread>, posted: Handover) => Promise<Settled<T>>,
    ): Promise<T> {
      const signal = given ? AbortSignal.any([given, disposal.signal]) : disposal.signal;
      let isPosted = false;
      try {
        return await queue(async () => {
          const posted = await handOver(picture, isGiven);
          return call((thread) => {
            isPosted = true;
            return work(thread, posted);
          }, signal).finally(() => isPosted || release(posted.picture));
        }, signal);
      } catch (error) {
        const reason = postingError(error);
        if (isGiven && (!isPosted || reason !== error)) release(picture);
        throw reason;
      }
    }

    return {
      ...facts,
      classes: config.labels,
      async segment(picture, options = {}) {
        checkOptions(options, segmentRules);
        const { signal, transfer: isGiven = false, ...rest } = options;
        const result = await callWith(picture, isGiven, signal, (thread, { picture, memory }) =>
          thread.segment(transfer(picture, memory), rest),
        );
        return { ...result, classes: config.labels };
      },
      async features(picture, names, options: PictureOptions = {}) {
        checkOptions(options, pictureRules);
        checkNames(names);
        const { signal, ...rest } = options;
        return callWith(picture, false, signal, (thread, { picture, memory }) =>
          thread.features(transfer(picture, memory), names, rest),
        );
      },
      async dispose() {
        disposal.abort(gone());
        await queue(async () => {}); // what runs in the worker closes what it was given
        await worker.end();
      },
    };
  },
};

/**
 * Which of the worker's runtimes this browser has, and why not the others. Asked in a worker that ends with the answer:
 * every runtime is brought for it.
 */
export async function listRuntimes(
  options: Pick<WorkerSegmenterOptions, 'createWorker' | 'threads' | 'wasm'> = {},
): Promise<RuntimeStatus[]> {
  checkOptions(options, loadRules);
  checkThreads(options.threads);
  const { createWorker = ownWorker, wasm, threads } = options;
  const connection = connect(createWorker);
  try {
    const posted = { threads, ...(wasm && { wasm: absolute(wasm) }) };
    return await ask(connection, connection.thread.listRuntimes(posted));
  } finally {
    connection.end(gone());
  }
}
