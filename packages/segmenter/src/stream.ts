import { AtrousError, type Tensor } from '@atrous/tensor';
import { checkOptions, streamRules } from './arguments.ts';
import { close, type Frames, type Taken } from './frames.ts';
import type { PictureSegmenter, Segmentation, SegmentOptions } from './segmenter.ts';

export interface StreamOptions extends SegmentOptions {
  /**
   * The past's share of each frame's logits, at least 0 and less than 1: masks flicker less, and lag. Every stream has a past of its
   * own, which begins anew where the size changes. @default 0
   */
  readonly smoothing?: number;
  /**
   * Every frame in order; else, of what comes while one is under way, the newest alone. Of what plays, a track or a video element,
   * the newest is all that there is. @default true
   */
  readonly every?: boolean;
}

/** A frame and what was found in it. */
export interface SegmentedFrame<Frame> extends Segmentation {
  /**
   * The frame as it came. What can be closed (a VideoFrame, an ImageBitmap) is the stream's and is closed when the next one is asked
   * for, or the iteration ends: draw it before, or move or clone it.
   */
  readonly frame: Frame;
  /** How many frames came since the one before and were left out. */
  readonly skipped: number;
}

/** A model, loaded and ready for pictures and streams of them. */
export interface Segmenter<Picture> extends Omit<PictureSegmenter<Picture>, 'segment'> {
  /**
   * A picture in, a label map of its size out. Calls may overlap; they run one after the other.
   * @throws AtrousError `input` for what is no picture and for classes that are none, `disposed` after `dispose`, and whatever the runtime throws
   */
  segment(picture: Picture, options?: SegmentOptions): Promise<Segmentation>;
  /**
   * Pictures as they come, with a label map each: one is under way at a time, and the next one is taken when the loop asks for it.
   * Leaving the loop ends the source; an abort ends it with the signal's reason.
   * @throws AtrousError as `segment`, and whatever the source throws
   * @example for await (const { frame, labels } of segmenter.stream(frames, { smoothing: 0.5 })) draw(frame, labels);
   */
  stream<Frame extends Picture>(
    source: Frames<Frame>,
    options?: StreamOptions,
  ): AsyncGenerator<SegmentedFrame<Frame>, void, undefined>;
}

/** How a platform takes frames out of a source. @throws AtrousError `input` for what is none */
type FramesOf<Picture> = (
  source: unknown,
  every: boolean | undefined,
  signal: AbortSignal,
) => AsyncGenerator<Taken<Picture>, void, undefined>;

/** Streams for a segmenter of pictures. */
export function withStreams<Picture>(
  inner: PictureSegmenter<Picture>,
  framesOf: FramesOf<Picture>,
): Segmenter<Picture> {
  const gone = new AbortController();
  return {
    ...inner,
    stream<Frame extends Picture>(source: Frames<Frame>, options: StreamOptions = {}) {
      checkOptions(options, streamRules);
      const { signal: given, every, ...rest } = options;
      const signal = given ? AbortSignal.any([given, gone.signal]) : gone.signal;
      const frames = framesOf(source, every, signal) as AsyncGenerator<Taken<Frame>, void, undefined>;
      return segmented(inner, frames, { ...rest, signal });
    },
    dispose() {
      gone.abort(new AtrousError('disposed', 'this segmenter was disposed: load the model again'));
      return inner.dispose();
    },
  };
}

async function* segmented<Picture, Frame extends Picture>(
  { segment }: Pick<PictureSegmenter<Picture>, 'segment'>,
  frames: AsyncIterable<Taken<Frame>>,
  { smoothing = 0, ...options }: Omit<StreamOptions, 'every'>,
): AsyncGenerator<SegmentedFrame<Frame>, void, undefined> {
  let before: Tensor | undefined;
  for await (const { frame, skipped } of frames) {
    try {
      const past = smoothing > 0 ? { logits: before, share: smoothing } : undefined;
      const { logits, ...seen } = await segment(frame, options, past);
      const isShared = options.logits && logits; // whose caller may change or move them
      before = past && (isShared ? { ...logits, data: logits.data.slice() } : logits);
      yield { ...seen, ...(options.logits && { logits }), frame, skipped };
    } finally {
      close(frame);
    }
  }
}
