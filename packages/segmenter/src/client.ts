import {
  type ListOptions,
  type Remote,
  remoteFrom,
  type Segmenter as WorkerSegmenter,
  type WorkerSegmenterOptions,
} from './remote.ts';
import type { RuntimeStatus } from './runtimes.ts';

export { clearPacked, modelCacheName } from './cache.ts';
export type { BrowserPicture as Picture } from './picture_browser.ts';
export type { WorkerRenderOptions, WorkerSegmenterOptions, WorkerSegmentOptions } from './remote.ts';
export type { FrameLook, Rendered } from './render.ts';
export type { RuntimeStatus } from './runtimes.ts';
export {
  type PictureSource,
  type SegmentAllOptions,
  type SegmentedPicture,
  segmentAll,
} from './segment_all.ts';
export type { Segmentation, SegmentOptions, Timings } from './segmenter.ts';
export type { SegmentedFrame, StreamOptions } from './stream.ts';
export { unknownId } from './unknown.ts';
export type { ViewOptions, ViewProgress } from './views.ts';

/** `@atrous/segmenter/worker` for apps that have a worker file of their own: their bundles do not hold the package's. */
const remote = remoteFrom();

type WithWorker<T> = T & Required<Pick<WorkerSegmenterOptions, 'createWorker'>>;

/** A model in a worker: the same calls as `Segmenter` of `@atrous/segmenter`, and the page never waits. */
export type Segmenter = WorkerSegmenter;

/**
 * `Segmenter.load`, in the worker that `createWorker` starts, whose file calls `serveSegmenter` of `@atrous/segmenter/thread`.
 * @example const segmenter = await Segmenter.load('/models/people/', { createWorker });
 */
export const Segmenter: {
  load(
    model: Parameters<Remote['Segmenter']['load']>[0],
    options: WithWorker<WorkerSegmenterOptions>,
  ): Promise<Segmenter>;
} = remote.Segmenter;

/** Which of the worker's runtimes this browser has, and why not the others. */
export const listRuntimes: (options: WithWorker<ListOptions>) => Promise<RuntimeStatus[]> =
  remote.listRuntimes;
