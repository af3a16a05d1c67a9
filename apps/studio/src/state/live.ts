import { computed, signal } from '@preact/signals';
import type { Size } from '../worker/scene.ts';
import type { Result } from './pictures.ts';
import { selected } from './pictures.ts';

/** The painter's name for what a camera or a video shows. */
export const liveId = 'live';

/** A camera or a video under way. */
export interface Live {
  readonly kind: 'camera' | 'video';
  readonly name: string;
  readonly video: HTMLVideoElement;
  readonly size?: Size;
  readonly result?: Result;
}
export const live = signal<Live | undefined>();

/** How a live picture goes. */
export interface Rate {
  /** Masks per second, over the last second or so. */
  readonly perSecond: number;
  /** Milliseconds from a frame's capture to its mask. */
  readonly latency: number;
  /** Frames that came while one was under way. */
  readonly skipped: number;
  /** Frames that were opened and closed, the two workers' together. */
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

/** What the stage shows. */
export const shown = computed(() => {
  if (live.value)
    return { id: liveId, name: live.value.name, size: live.value.size, result: live.value.result };
  return selected.value;
});
