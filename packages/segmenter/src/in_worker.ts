import { type ListOptions, type Remote, remoteFrom, type Segmenter as WorkerSegmenter } from './remote.ts';
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

/** The package's own worker: by URL, so that bundlers copy it as it is. */
const remote = remoteFrom(() => new URL('./worker_segmenter.ts', import.meta.url));

/** A model in a worker: the same calls as `Segmenter` of `@atrous/segmenter`, and the page never waits. */
export type Segmenter = WorkerSegmenter;

/**
 * `Segmenter.load`, in a worker of its own.
 * @example
 * import { Segmenter } from '@atrous/segmenter/worker';
 * const segmenter = await Segmenter.load('/models/people/');
 */
export const Segmenter: Remote['Segmenter'] = remote.Segmenter;

/**
 * Which of the worker's runtimes this browser has, and why not the others. Asked in a worker that ends with the answer:
 * every runtime is brought for it.
 */
export const listRuntimes: (options?: ListOptions) => Promise<RuntimeStatus[]> = remote.listRuntimes;
