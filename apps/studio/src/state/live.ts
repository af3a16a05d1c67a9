import { computed, signal } from '@preact/signals';
import type { Size } from '../worker/scene.ts';
import { type Engine, engine } from './engine.ts';
import { pictures, type Result, selected } from './pictures.ts';

/** The painter's name for what a camera or a video shows. */
export const liveId = 'live';

/** A camera or a video under way. */
export interface Live {
  readonly kind: 'camera' | 'video';
  readonly name: string;
  readonly video: HTMLVideoElement;
  /** Of a video. */
  readonly file?: File;
  readonly size?: Size;
  readonly result?: Result;
}
export const live = signal<Live | undefined>();

/** The canvas that the network's worker draws live frames on; undefined where the painter draws them. */
export const liveCanvas = signal<HTMLCanvasElement | undefined>();

/** How a live picture goes. */
export interface Rate {
  /** Masks per second, over the last second or so. */
  readonly perSecond: number;
  /** Milliseconds from a frame to its mask. */
  readonly latency: number;
  /** Frames that came while one was under way. */
  readonly skipped: number;
  /** Frames that the painter was given, and closed. */
  readonly opened: number;
  readonly closed: number;
}
export const noRate: Rate = { perSecond: 0, latency: 0, skipped: 0, opened: 0, closed: 0 };
export const rate = signal<Rate>(noRate);

/** The past's share of the logits. */
export const smoothing = signal(0.5);
/** Whether a camera is to be shown as in a mirror. */
export const mirrored = signal(true);
export const isMirrored = computed(() => live.value?.kind === 'camera' && mirrored.value);

/** The most milliseconds of a network that video is given to by itself: ten masks per second. */
const mostForVideo = 100;
/** The id of the model that somebody chose for video, where there are two in use. */
export const videoModel = signal<string | undefined>();
/** What segments video: the one that was chosen; else the large one where it has shown that it is fast enough. */
export const liveEngine = computed((): Engine | undefined => {
  const now = engine.value;
  if (!now?.beside) return now;
  const chosen = [now, now.beside].find(({ model }) => model.id === videoModel.value);
  if (chosen) return chosen;
  const times = pictures.value.flatMap(({ result }) =>
    result?.model === now.model ? result.timings.run : [],
  );
  return Math.min(...times) <= mostForVideo ? now : now.beside;
});

/** What the stage shows. */
export const shown = computed(() => {
  if (live.value)
    return { id: liveId, name: live.value.name, size: live.value.size, result: live.value.result };
  return selected.value;
});
