import type { FrameLook } from '@atrous/segmenter/client';
import { orAborted } from '@atrous/tensor/turns';
import { effect } from '@preact/signals';
import type { Engine } from '../state/engine.ts';
import { filming } from '../state/film.ts';
import { live, liveCanvas, smoothing } from '../state/live.ts';
import { backdropPicture, look } from '../state/look.ts';
import { sizeOfPicture } from '../worker/scene.ts';
import { divide } from './found.ts';

/** Whether a network's frames go to a canvas without leaving the GPU; a film is made of what the painter draws. */
export const canDraw = ({ segmenter }: Engine): boolean =>
  segmenter.runtime === 'webgpu' && 'VideoFrame' in globalThis && !filming.peek();

/** Labels for the legend, for questions and for saving are made of a frame so often, in milliseconds, and of each that stands still. */
const labelsEvery = 500;

/** The look as `render` takes it. */
const wanted = (): FrameLook => ({
  ...look.value,
  backdrop: backdropPicture.value ?? look.value.backdrop,
});

export interface DrawnFrames {
  /** A frame was drawn. */
  drawn(milliseconds: number): void;
  /** A frame with its labels, which is the taker's. */
  labelled(frame: VideoFrame, masked: ReturnType<typeof divide>): Promise<void>;
}

/** Draws what a video shows on a canvas of the network's worker, until it is aborted or a film is begun. */
export async function drawFrames(
  video: HTMLVideoElement,
  by: Engine,
  signal: AbortSignal,
  told: DrawnFrames,
): Promise<void> {
  const { segmenter } = by;
  const canvas = document.createElement('canvas');
  let labelledAt = Number.NEGATIVE_INFINITY;
  try {
    while (!signal.aborted && canDraw(by)) {
      const frame = captured(video);
      if (frame) {
        try {
          const options = { smoothing: video.paused ? 0 : smoothing.value, signal };
          const { milliseconds } = await segmenter.render(frame, canvas, wanted(), options);
          liveCanvas.value = canvas; // before the size: with one, and without a canvas, the painter would be asked for it
          if (live.value) live.value = { ...live.value, size: sizeOfPicture(frame) };
          told.drawn(milliseconds);
          if (video.paused || performance.now() - labelledAt > labelsEvery) {
            const segmentation = await segmenter.segment(frame, { logits: true, signal });
            labelledAt = performance.now();
            await told.labelled(frame.clone(), divide(segmentation, by));
          }
        } finally {
          frame.close();
        }
      }
      await changed(video, signal);
    }
  } finally {
    // the painter has a picture to go on with only if one was labelled
    if (labelledAt === Number.NEGATIVE_INFINITY && live.value)
      live.value = { ...live.value, size: undefined };
    liveCanvas.value = undefined;
  }
}

/** The picture that a video shows; undefined while it shows none. */
function captured(video: HTMLVideoElement): VideoFrame | undefined {
  try {
    return new VideoFrame(video);
  } catch {
    return undefined; // between sources and sizes
  }
}

/** Waits for another frame, another look, or a film that begins. */
async function changed(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const request = video.requestVideoFrameCallback(() => resolve());
  let isFirst = true;
  const end = effect(() => {
    void [look.value, backdropPicture.value, filming.value];
    if (!isFirst) resolve();
    isFirst = false;
  });
  try {
    await orAborted(promise, signal);
  } finally {
    end();
    video.cancelVideoFrameCallback(request);
  }
}
