import { AtrousError, inWords } from '@atrous/tensor';
import { newest, orAborted } from '@atrous/tensor/turns';
import { type Frames, iterableFrames, type Taken } from './frames.ts';
import type { BrowserPicture } from './picture_browser.ts';
import type { Rendering } from './render.ts';
import type { SegmentedFrame, Segmenter, StreamOptions } from './stream.ts';

/** What plays on whether somebody looks or not. */
export type LiveSource = MediaStreamTrack | HTMLVideoElement;

/** A frame of what plays; browsers without WebCodecs give bitmaps. */
export type LiveFrame = VideoFrame | ImageBitmap;

/** A model in a browser, whose streams come from cameras and videos, too, and which draws on canvases. */
export interface BrowserSegmenter extends Segmenter<BrowserPicture>, Rendering {
  /** As `Segmenter.stream`, of a camera's track or a video element, whose newest frame is taken each time, until it has ended. */
  stream(
    source: LiveSource,
    options?: StreamOptions,
  ): AsyncGenerator<SegmentedFrame<LiveFrame>, void, undefined>;
  /** As `Segmenter.stream`, also of a `ReadableStream`. */
  stream<Frame extends BrowserPicture>(
    source: Frames<Frame> | ReadableStream<Frame>,
    options?: StreamOptions,
  ): AsyncGenerator<SegmentedFrame<Frame>, void, undefined>;
}

const isVideo = (source: unknown): source is HTMLVideoElement =>
  'HTMLVideoElement' in globalThis && source instanceof HTMLVideoElement;
const isTrack = (source: unknown): source is MediaStreamTrack =>
  'MediaStreamTrack' in globalThis && source instanceof MediaStreamTrack;

/** The frames of any source that a browser has. @throws AtrousError `input` */
export function framesOf(
  source: unknown,
  every: boolean | undefined,
  signal: AbortSignal,
): AsyncGenerator<Taken<BrowserPicture>, void, undefined> {
  const isLive = isVideo(source) || isTrack(source);
  if (!isLive) {
    if ('MediaStream' in globalThis && source instanceof MediaStream)
      throw new AtrousError(
        'input',
        'stream: expected a track, got MediaStream: give one of its getVideoTracks()',
      );
    return iterableFrames(source, every ?? true, signal);
  }
  if (every) {
    throw new AtrousError(
      'input',
      `every: ${inWords(source)} plays on and has its newest frame alone; decode the file for every one`,
    );
  }
  if (isVideo(source)) return videoFrames(source, signal);
  if (source.kind !== 'video') {
    throw new AtrousError('input', `stream: expected a track of kind video, got one of kind ${source.kind}`);
  }
  return trackFrames(source, signal);
}

/** How often it is looked whether a video goes on, in milliseconds: of a track that its owner has stopped no event tells. */
const lookEvery = 250;

/** The newest frame that a video shows, whenever it is asked for, until the video has ended. */
async function* videoFrames(video: HTMLVideoElement, signal: AbortSignal): AsyncGenerator<Taken<LiveFrame>> {
  const place = newest<true>();
  const look = () => {
    const { error, ended, srcObject } = video;
    if (error)
      place.end({ cause: new AtrousError('input', 'stream: this browser cannot play the video further') });
    else if (ended || (srcObject instanceof MediaStream && !srcObject.active)) place.end();
  };
  let request = 0;
  const onFrame = () => {
    place.put(true);
    request = video.requestVideoFrameCallback(onFrame);
  };
  if (video.readyState >= video.HAVE_CURRENT_DATA) place.put(true); // it may be paused, and have no other
  request = video.requestVideoFrameCallback(onFrame);
  look();
  const timer = setInterval(look, lookEvery);
  try {
    for (;;) {
      signal.throwIfAborted();
      const taken = await orAborted(place.take(), signal);
      if (!taken) return;
      const frame = await capture(video);
      if (frame) yield { frame, skipped: taken.dropped };
    }
  } finally {
    clearInterval(timer);
    video.cancelVideoFrameCallback(request);
  }
}

/** The picture that a video shows now; undefined while it shows none. @throws AtrousError `input` for one that may not be read */
async function capture(video: HTMLVideoElement): Promise<LiveFrame | undefined> {
  try {
    return 'VideoFrame' in globalThis ? new VideoFrame(video) : await createImageBitmap(video);
  } catch (cause) {
    if (!(cause instanceof DOMException && cause.name === 'SecurityError')) return undefined; // between sources and sizes
    throw new AtrousError('input', 'stream: the video comes from another origin without CORS', { cause });
  }
}

/** A track plays in a video of our own: what gives its frames otherwise is not in every browser. */
async function* trackFrames(track: MediaStreamTrack, signal: AbortSignal): AsyncGenerator<Taken<LiveFrame>> {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
  video.srcObject = new MediaStream([track]);
  try {
    if (track.readyState === 'ended') return;
    await orAborted(video.play(), signal);
    yield* videoFrames(video, signal);
  } finally {
    video.pause();
    video.srcObject = null; // the track itself is its owner's
  }
}
