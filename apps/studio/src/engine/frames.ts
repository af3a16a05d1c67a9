import { orAborted } from '@atrous/tensor/turns';
import { transfer } from 'comlink';
import type { Engine } from '../state/engine.ts';
import { live, liveEngine, liveId, rate, smoothing } from '../state/live.ts';
import { recordTimes } from '../state/times.ts';
import { sizeOfPicture } from '../worker/scene.ts';
import { canDraw, drawFrames } from './draw_live.ts';
import { divide } from './found.ts';
import { painter } from './painter.ts';
import { recordShown } from './record.ts';

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

/**
 * A video's newest frame through the network in use, and no other until it is done: nothing queues.
 * @returns when it is aborted; frames under way are closed by then
 */
export async function followFrames(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const by = liveEngine.value;
    // another model looks at what stands there, even where the video is paused
    const replaced = new AbortController();
    const unsubscribe = liveEngine.subscribe((now) => {
      if (now !== by) replaced.abort();
    });
    const end = AbortSignal.any([signal, replaced.signal]);
    try {
      if (by && canDraw(by)) await drawMasked(video, by, end);
      else if (by) await maskFrames(video, by, end);
      else await showFrames(video, end);
    } catch (error) {
      if (!end.aborted) throw error;
    } finally {
      unsubscribe();
    }
  }
}

/** Frames drawn by the network's worker, on the GPU. */
async function drawMasked(video: HTMLVideoElement, by: Engine, signal: AbortSignal): Promise<void> {
  const finished: number[] = [];
  rate.value = { ...rate.value, perSecond: 0, latency: 0 };
  await drawFrames(video, by, signal, {
    drawn: (milliseconds) => recordRate(finished, milliseconds),
    async labelled(frame, masked) {
      countFrames({ opened: 1 });
      await showFrame(frame, masked);
      recordTimes(liveId, masked.result.timings);
    },
  });
}

/** Frames with their masks, until something else is wanted of them. */
async function maskFrames(video: HTMLVideoElement, by: Engine, signal: AbortSignal): Promise<void> {
  const past = smoothing.value;
  const finished: number[] = [];
  rate.value = { ...rate.value, perSecond: 0, latency: 0 };
  for await (const { frame, skipped, ...segmentation } of by.segmenter.stream(video, {
    logits: true,
    smoothing: past,
    signal,
  })) {
    const { found, memory, result } = divide(segmentation, by);
    countFrames({ opened: 1, skipped });
    await showFrame(frame, { found, memory, result });
    await recordShown();
    recordTimes(liveId, result.timings);
    recordRate(finished, segmentation.timings.total);
    if (smoothing.value !== past || canDraw(by)) return;
  }
}

/** Frames as they are, before there is a model. */
async function showFrames(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const shown = new Promise<void>((resolve) => video.requestVideoFrameCallback(() => resolve()));
    await orAborted(shown, signal);
    const bitmap = await createImageBitmap(video).catch(() => undefined); // between sizes it has nothing to give
    if (!bitmap) continue;
    countFrames({ opened: 1 });
    await showFrame(bitmap);
  }
}

/** Moves a frame to the painter, with its mask or, before there is a model, without; the painter closes it. */
async function showFrame(
  picture: VideoFrame | ImageBitmap,
  masked?: ReturnType<typeof divide>,
): Promise<void> {
  const { found, memory = [], result } = masked ?? {};
  const size = sizeOfPicture(picture);
  countFrames({ closed: await painter.setFrame(liveId, transfer(picture, [picture, ...memory]), found) });
  if (live.value) live.value = { ...live.value, size, result };
}

/** How long the rate looks back, in milliseconds. */
const rateSpan = 1500;

/** @param took milliseconds from the frame to its mask */
function recordRate(finished: number[], took: number): void {
  const now = performance.now();
  finished.push(now);
  while (finished[0] < now - rateSpan) finished.shift();
  const span = now - finished[0];
  const perSecond = span > 0 ? ((finished.length - 1) * 1000) / span : 0;
  const latency = rate.value.latency || took;
  rate.value = { ...rate.value, perSecond, latency: latency + (took - latency) * 0.2 };
}
