import type { RuntimeSet } from '@atrous/graph';
import { AtrousError, type Tensor } from '@atrous/tensor';
import { expose, transfer } from 'comlink';
import { checkOptions, loadRules } from './arguments.ts';
import { load } from './load_browser.ts';
import type { BrowserPicture } from './picture_browser.ts';
import {
  type PostedOnce,
  type PostedPicture,
  type SegmenterThread,
  type Settled,
  settle,
} from './protocol.ts';
import type { Rendering } from './render.ts';
import { listRuntimes, tableOf } from './runtimes.ts';
import { platformRuntimes } from './runtimes_browser.ts';
import type { PictureSegmenter, Segmentation } from './segmenter.ts';

/** The result's arrays move to the page: nothing here reads them again. */
const arraysOf = ({ labels, confidence, logits, cutOut }: Partial<Segmentation>) =>
  [labels?.data, confidence, cutOut?.data, logits?.data].flatMap((data) => data?.buffer ?? []);

/** What a worker does, wherever it runs. */
export function threadWith(runtimes: readonly RuntimeSet[]): SegmenterThread {
  let segmenter: (PictureSegmenter<BrowserPicture> & Rendering) | undefined;
  let stop = new AbortController();

  const canvases = new Map<number, OffscreenCanvas>();
  let behind: PostedOnce<PostedPicture> | undefined;
  /** The picture that stands behind; the one before is let go of. */
  const backdropOf = (posted: PostedOnce<PostedPicture>): PostedPicture => {
    if (posted.value) {
      if (behind?.value && 'close' in behind.value) behind.value.close();
      behind = posted;
    }
    if (behind?.id !== posted.id || !behind.value)
      throw new AtrousError('runtime', 'segmenter worker: the backdrop is not there any more');
    return behind.value;
  };

  const loaded = () => {
    if (!segmenter) throw new AtrousError('disposed', 'segmenter worker: no model is loaded');
    return segmenter;
  };
  /** What was handed over is ours to close, whatever happens. */
  async function using<T>(picture: PostedPicture, work: () => Promise<T>): Promise<Settled<T>> {
    stop = new AbortController();
    try {
      return await settle(work);
    } finally {
      if ('close' in picture) picture.close();
    }
  }

  return {
    hello: () => settle(async () => true as const),
    load: (model, options, onProgress, onWarning) =>
      settle(async () => {
        segmenter = await load(model, {
          ...options,
          runtimes,
          onProgress,
          onWarning: ({ code, message }) => onWarning(code, message),
        });
        const { config, runtime, reason, compute, precision } = segmenter;
        return { config, runtime, reason, compute, precision };
      }),
    async segment(picture, options, past, onProgress) {
      const settled = await using(picture, async () => {
        const { signal } = stop;
        const { classes: _, ...rest } = await loaded().segment(
          picture,
          { ...options, signal, onProgress },
          past,
        );
        return rest;
      });
      if (!('value' in settled)) return settled;
      return transfer(settled, arraysOf(settled.value));
    },
    async features(picture, names, options) {
      const settled = await using(picture, () =>
        loaded().features(picture, names, { ...options, signal: stop.signal }),
      );
      const tensors: Tensor[] = 'value' in settled ? Object.values(settled.value) : [];
      return transfer(
        settled,
        tensors.map(({ data }) => data.buffer),
      );
    },
    render(frame, { id, value }, look, posted, options) {
      if (value) canvases.set(id, value);
      return using(frame, async () => {
        const canvas = canvases.get(id);
        if (!canvas) throw new AtrousError('runtime', 'segmenter worker: the canvas is not there any more');
        const whole = posted ? { ...look, backdrop: backdropOf(posted) } : look;
        return loaded().render(frame, canvas, whole, { ...options, signal: stop.signal });
      });
    },
    listRuntimes: (options) => settle(() => listRuntimes(tableOf(platformRuntimes, runtimes), options)),
    abort: () => stop.abort(),
    async dispose() {
      canvases.clear();
      await segmenter?.dispose();
    },
  };
}

/** WebKit evaluates a worker's script once more where a chunk of the bundle imports from it: two would answer each message. */
const served = Symbol.for('@atrous/segmenter: served');

export interface ServeOptions {
  /** Runtimes beside our own engine, as for `Segmenter.load`. @default none */
  readonly runtimes?: readonly RuntimeSet[];
}

/**
 * Makes this worker a segmenter's, for `createWorker` of `@atrous/segmenter/worker`: an app's own worker file is this line.
 * @throws AtrousError `input` for what are no runtimes
 * @example serveSegmenter({ runtimes: [onnx()] });
 */
export function serveSegmenter({ runtimes = [] }: ServeOptions = {}): void {
  checkOptions({ runtimes }, loadRules);
  if (Reflect.has(globalThis, served)) return;
  Reflect.set(globalThis, served, true);
  expose(threadWith(runtimes));
}
