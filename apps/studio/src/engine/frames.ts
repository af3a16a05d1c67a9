import { transfer } from 'comlink';
import { live, liveEngine, liveId, rate, smoothing } from '../state/live.ts';
import { recordTimes } from '../state/times.ts';
import { sizeOfPicture } from '../worker/scene.ts';
import { divide } from './found.ts';
import { painter } from './painter.ts';

/** Adds to the counts of frames. */
export function countFrames({ opened = 0, closed = 0, skipped = 0 }): void {
  const now = rate.value;
  rate.value = {
    ...now,
    opened: now.opened + opened,
    closed: now.closed + closed,
    skipped: now.skipped + skipped,
  };
}

const callsBack = 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

/** Calls when the video has another frame. */
function onNextFrame(video: HTMLVideoElement, use: () => void): void {
  if (callsBack) video.requestVideoFrameCallback(use);
  else requestAnimationFrame(use);
}

/**
 * A video's newest frame through the network, and no other until it is done: nothing queues.
 * @returns when it is aborted; frames under way are closed by then
 */
export async function followFrames(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  const finished: number[] = [];
  let hasNewer = false;
  let wake = () => {};
  const onFrame = () => {
    if (signal.aborted) return;
    onNextFrame(video, onFrame);
    if (hasNewer) countFrames({ skipped: 1 });
    hasNewer = true;
    wake();
  };
  onNextFrame(video, onFrame);
  signal.addEventListener('abort', () => wake());
  // another model looks at what stands there, even where the video is paused
  let used = liveEngine.value;
  const unsubscribe = liveEngine.subscribe((now) => {
    if (now === used) return;
    used = now;
    finished.length = 0;
    rate.value = { ...rate.value, perSecond: 0, latency: 0 };
    hasNewer = true;
    wake();
  });
  try {
    while (!signal.aborted) {
      if (hasNewer) {
        hasNewer = false;
        await segmentFrame(video, signal, finished);
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    unsubscribe();
  }
}

type VideoPicture = VideoFrame | ImageBitmap;

/** The picture that a video shows now; undefined while it shows none. */
async function capture(video: HTMLVideoElement): Promise<VideoPicture | undefined> {
  try {
    return 'VideoFrame' in globalThis ? new VideoFrame(video) : await createImageBitmap(video);
  } catch {
    return undefined; // between sources and sizes it has nothing to give
  }
}

const copyOf = async (picture: VideoPicture): Promise<VideoPicture> =>
  'clone' in picture ? picture.clone() : createImageBitmap(picture);

/** One frame to the segmenter's worker and, with its mask, to the painter's; each closes its own. */
async function segmentFrame(video: HTMLVideoElement, signal: AbortSignal, finished: number[]): Promise<void> {
  const by = liveEngine.value;
  const began = performance.now();
  const picture = await capture(video);
  if (!picture) return;
  if (!by) {
    countFrames({ opened: 1 });
    await showFrame(picture);
    return;
  }
  const forPainter = await copyOf(picture);
  countFrames({ opened: 2 });
  let isPainters = false;
  try {
    const segmentation = await by.segmenter
      .segment(picture, { transfer: true, logits: true, smoothing: smoothing.value, signal })
      .finally(() => countFrames({ closed: 1 })); // whatever becomes of it, the worker closes it
    signal.throwIfAborted();
    const { found, memory, result } = divide(segmentation, by);
    const shown = showFrame(forPainter, { found, memory, result });
    isPainters = true;
    await shown;
    recordTimes(liveId, result.timings);
    recordRate(finished, began);
  } catch (error) {
    const isReplaced = liveEngine.value?.segmenter !== by.segmenter; // by another model or runtime: the next frame is its own
    if (!isReplaced && !signal.aborted) throw error;
  } finally {
    if (!isPainters) {
      forPainter.close();
      countFrames({ closed: 1 });
    }
  }
}

/** Moves a frame to the painter, with its mask or, before there is a model, without. */
async function showFrame(picture: VideoPicture, masked?: ReturnType<typeof divide>): Promise<void> {
  const { found, memory = [], result } = masked ?? {};
  const size = sizeOfPicture(picture);
  countFrames({ closed: await painter.setFrame(liveId, transfer(picture, [picture, ...memory]), found) });
  if (live.value) live.value = { ...live.value, size, result };
}

/** How long the rate looks back, in milliseconds. */
const rateSpan = 1500;

function recordRate(finished: number[], began: number): void {
  const now = performance.now();
  finished.push(now);
  while (finished[0] < now - rateSpan) finished.shift();
  const span = now - finished[0];
  const perSecond = span > 0 ? ((finished.length - 1) * 1000) / span : 0;
  const latency = rate.value.latency || now - began;
  rate.value = { ...rate.value, perSecond, latency: latency + (now - began - latency) * 0.2 };
}
