import { AtrousError, checkThreads, type ErrorCode, inWords, messageOf } from '@atrous/tensor';
import { oneByOne } from '@atrous/tensor/turns';
import type { ModelLocation } from '@atrous/zoo';
import { proxy, transfer } from 'comlink';
import {
  checkLoad,
  checkNames,
  checkOptions,
  loadRules,
  pictureRules,
  renderRules,
  segmentRules,
} from './arguments.ts';
import { ask, type Connection, connect, connectOwn } from './connection.ts';
import { type BrowserSegmenter, framesOf } from './frames_browser.ts';
import { type Handover, handOver, postingError, release } from './handover.ts';
import type { PictureOptions } from './limit.ts';
import type { BrowserPicture } from './picture_browser.ts';
import { backdropsFor } from './posted_backdrop.ts';
import { canvasFor, canvasPosted } from './posted_canvas.ts';
import { onCallingThread, type PostedOptions, type Settled } from './protocol.ts';
import type { AnyCanvas, FrameLook, Rendered, RenderOptions } from './render.ts';
import type { RuntimeStatus } from './runtimes.ts';
import type { PictureSegmenter, Segmentation, SegmenterOptions, SegmentOptions } from './segmenter.ts';
import { withStreams } from './stream.ts';

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

export interface WorkerRenderOptions extends RenderOptions, Pick<WorkerSegmentOptions, 'transfer'> {}

/** A model in a worker: the same calls as `Segmenter`, and the page never waits. */
export interface Segmenter extends BrowserSegmenter {
  /**
   * As `Segmenter.segment`. An abort rejects at once; a worker that does not stop within a second is restarted.
   * @throws AtrousError as `Segmenter.segment`; `runtime` where the worker crashed: the next call starts another
   */
  segment(picture: BrowserPicture, options?: WorkerSegmentOptions): Promise<Segmentation>;
  /**
   * As `Segmenter.render`. The canvas goes to the worker with its first frame and stays there: it shows what is drawn, and is of no use to another segmenter,
   * nor to this one where the worker had to be replaced.
   */
  render(
    frame: BrowserPicture,
    canvas: AnyCanvas,
    look: FrameLook,
    options?: WorkerRenderOptions,
  ): Promise<Rendered>;
}

/** How long an aborted call may keep the worker busy before the worker is replaced. */
const patience = 1000;

/** Starts the worker: an app's own, or the package's. */
type Open = (createWorker?: () => Worker) => Promise<Connection>;

function opener(findScript?: () => URL): Open {
  return async (createWorker) => {
    if (createWorker) return connect(createWorker);
    if (findScript) return connectOwn(findScript);
    throw new AtrousError(
      'input',
      'createWorker: expected a function that starts a worker file of your own, got none; @atrous/segmenter/worker brings one',
    );
  };
}

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

/** A runtime that has no worker either says so itself. */
const reasonOf = (reason: string, { withoutWorker: why }: Connection): string =>
  why === undefined || reason.includes(why) ? reason : `${reason}; ${onCallingThread(why)}`;

/** The worker that has the model, started when it is needed and started again when it broke. */
function keepAlive(open: Open, model: ModelLocation, options: WorkerSegmenterOptions) {
  const { createWorker, signal: _, onProgress = () => {}, onWarning, ...rest } = options;
  const warn = (code: ErrorCode, message: string) => onWarning?.(new AtrousError(code, message));
  const posted = { ...rest, ...(rest.wasm && { wasm: absolute(rest.wasm) }) };
  const location = postable(model);

  async function start(signal?: AbortSignal) {
    const connection = await open(createWorker);
    const stop = () => connection.end(signal?.reason);
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      const answer = connection.thread.load(location, posted, proxy(onProgress), proxy(warn));
      const facts = await ask(connection, answer);
      return { connection, facts: { ...facts, reason: reasonOf(facts.reason, connection) } };
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

export type ListOptions = Pick<WorkerSegmenterOptions, 'createWorker' | 'threads' | 'wasm'>;

/** What an entry of the package gives to a page. */
export interface Remote {
  readonly Segmenter: { load(model: ModelLocation, options?: WorkerSegmenterOptions): Promise<Segmenter> };
  readonly listRuntimes: (options?: ListOptions) => Promise<RuntimeStatus[]>;
}

/**
 * `Segmenter.load` and `listRuntimes` in workers.
 * @param findScript where the package's own worker lies
 */
export function remoteFrom(findScript?: () => URL): Remote {
  const open = opener(findScript);
  return {
    Segmenter: { load: (model, options) => load(open, model, options) },
    listRuntimes: (options) => list(open, options),
  };
}

async function load(
  open: Open,
  model: ModelLocation,
  options: WorkerSegmenterOptions = {},
): Promise<Segmenter> {
  checkLoad(model, options);
  options.signal?.throwIfAborted();
  if (typeof options.runtime === 'object') {
    throw new AtrousError('input', 'segmenter worker: a runtime has a name here; an object cannot be posted');
  }
  if ('runtimes' in options && options.runtimes !== undefined) {
    throw new AtrousError(
      'input',
      'segmenter worker: runtimes cannot be posted: call serveSegmenter({ runtimes }) of @atrous/segmenter/thread in a ' +
        'worker file of your own, and give that as createWorker',
    );
  }
  const worker = keepAlive(open, model, options);
  const queue = oneByOne();
  const { facts } = await worker.get(options.signal);
  const { config } = facts;
  const disposal = new AbortController();

  /** One call in the worker; an abort stops it there, or ends the worker. */
  async function call<T>(
    work: (thread: Connection['thread'], connection: Connection) => Promise<Settled<T>>,
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
      return await ask(connection, work(connection.thread, connection));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  /** What was given, or copied to be, is let go of wherever it does not reach the worker. */
  async function callWith<T>(
    picture: BrowserPicture,
    isGiven: boolean,
    given: AbortSignal | undefined,
    work: (thread: Connection['thread'], posted: Handover, connection: Connection) => Promise<Settled<T>>,
  ): Promise<T> {
    const signal = given ? AbortSignal.any([given, disposal.signal]) : disposal.signal;
    let isPosted = false;
    try {
      return await queue(async () => {
        const posted = await handOver(picture, isGiven);
        try {
          return await call((thread, connection) => {
            const answer = work(thread, posted, connection);
            isPosted = true;
            return answer;
          }, signal);
        } catch (error) {
          const reason = postingError(error);
          if (!isPosted || reason !== error) release(posted.picture);
          throw reason;
        }
      }, signal);
    } catch (error) {
      if (isGiven && !isPosted) release(picture);
      throw error;
    }
  }

  const backdropFor = backdropsFor();
  const pictures: PictureSegmenter<BrowserPicture> & Pick<Segmenter, 'render'> = {
    ...facts,
    classes: config.labels,
    async segment(picture, options: WorkerSegmentOptions = {}, past) {
      checkOptions(options, segmentRules);
      const { signal, transfer: isGiven = false, onProgress, ...rest } = options;
      const result = await callWith(picture, isGiven, signal, (thread, { picture, memory }) =>
        thread.segment(transfer(picture, memory), rest, past, onProgress && proxy(onProgress)),
      );
      return { ...result, classes: config.labels };
    },
    async render(frame, canvas, look, options = {}) {
      checkOptions(options, renderRules);
      const { signal, transfer: isGiven = false, ...rest } = options;
      disposal.signal.throwIfAborted();
      const { connection: expected } = await worker.get();
      const backdrop = await backdropFor(look, expected);
      try {
        return await callWith(frame, isGiven, signal, (thread, { picture, memory }, connection) => {
          const its = canvasFor(canvas, connection);
          const answer = thread.render(
            transfer(picture, memory),
            its.value ? transfer(its, [its.value]) : its,
            backdrop ? { ...look, backdrop: undefined } : look,
            backdrop && transfer(backdrop.posted, backdrop.memory),
            rest,
          );
          return answer.then((settled) => {
            canvasPosted(canvas);
            backdrop?.done();
            return settled;
          });
        });
      } finally {
        backdrop?.release();
      }
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
  return withStreams(pictures, framesOf) as Segmenter;
}

async function list(open: Open, options: ListOptions = {}): Promise<RuntimeStatus[]> {
  checkOptions(options, loadRules);
  checkThreads(options.threads);
  const { wasm, threads } = options;
  const connection = await open(options.createWorker);
  try {
    const posted = { threads, ...(wasm && { wasm: absolute(wasm) }) };
    return await ask(connection, connection.thread.listRuntimes(posted));
  } finally {
    connection.end(gone());
  }
}
