import { AtrousError, type ErrorCode, messageOf, type Tensor } from '@atrous/tensor';
import type { ModelLocation } from '@atrous/zoo';
import type { PictureOptions } from './limit.ts';
import type { GivenPixels } from './pixels.ts';
import type { FrameLook, Rendered, RenderOptions } from './render.ts';
import type { RuntimeStatus } from './runtimes.ts';
import type { LoadedFacts, Past, Segmentation, SegmenterOptions, SegmentOptions } from './segmenter.ts';

/** A picture that can be posted. */
export type PostedPicture = Blob | GivenPixels | ImageBitmap | VideoFrame;

/** Options that can be posted: a runtime has a name, the worker has its own set of them, callbacks go beside them, the worker has its own cache. */
export type PostedOptions = Omit<
  SegmenterOptions,
  'runtime' | 'runtimes' | 'signal' | 'onProgress' | 'onWarning' | 'cache' | 'fetch'
> & {
  readonly runtime?: string;
};

/** Errors lose their code on the way between threads; as values they keep it. */
export type Settled<T> =
  | { readonly value: T }
  | { readonly error: { readonly name: string; readonly code?: ErrorCode; readonly message: string } };

/** Something that stays in the worker: it is there the first time, and known by its number from then on. */
export interface PostedOnce<T> {
  readonly id: number;
  readonly value?: T;
}

/** What the worker does. One call at a time: the side that calls sees to it, and so `abort` needs to name none. */
export interface SegmenterThread {
  /** Answers: the worker has started. */
  hello(): Promise<Settled<true>>;
  load(
    model: ModelLocation,
    options: PostedOptions,
    onProgress: NonNullable<SegmenterOptions['onProgress']>,
    onWarning: (code: ErrorCode, message: string) => void,
  ): Promise<Settled<LoadedFacts>>;
  segment(
    picture: PostedPicture,
    options: Omit<SegmentOptions, 'signal' | 'onProgress'>,
    past?: Past,
    onProgress?: SegmentOptions['onProgress'],
  ): Promise<Settled<Omit<Segmentation, 'classes'>>>;
  features(
    picture: PostedPicture,
    names: readonly string[],
    options: Omit<PictureOptions, 'signal'>,
  ): Promise<Settled<Record<string, Tensor>>>;
  /** A canvas goes to the worker with its first frame, and a picture that stands behind with the first frame that it stands behind. */
  render(
    frame: PostedPicture,
    canvas: PostedOnce<OffscreenCanvas>,
    look: FrameLook,
    backdrop: PostedOnce<PostedPicture> | undefined,
    options: Omit<RenderOptions, 'signal'>,
  ): Promise<Settled<Rendered>>;
  listRuntimes(options: PostedOptions): Promise<Settled<RuntimeStatus[]>>;
  /** Stops the call under way. */
  abort(): void;
  /** Lets go of the model. */
  dispose(): Promise<void>;
}

export async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const name = error instanceof Error || error instanceof DOMException ? error.name : 'Error';
    const code = error instanceof AtrousError ? error.code : undefined;
    return { error: { name, code, message: messageOf(error) } };
  }
}

/** The value, or the error thrown again: an AtrousError with its code, anything else with its name. */
export function unsettle<T>(settled: Settled<T>): T {
  if ('value' in settled) return settled.value;
  const { name, code, message } = settled.error;
  if (code) throw new AtrousError(code, message);
  if (name === 'AbortError') throw new DOMException(message, name);
  throw Object.assign(new Error(message), { name });
}

/** How a reason tells that there is no worker. */
export const onCallingThread = (why: string): string =>
  `on the calling thread, in slices, since no worker starts here (${why})`;
