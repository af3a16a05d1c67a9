import { computed, signal } from '@preact/signals';
import { fitView, type Point, type View } from '../view.ts';
import type { Size } from '../worker/scene.ts';
import { isMirrored, shown } from './live.ts';

/** The stage in canvas pixels. */
export const stage = signal<Size>({ width: 1, height: 1 });
/** Where somebody looks; undefined while all of the picture is to be seen. */
export const ownView = signal<View | undefined>();

export const view = computed((): View | undefined => {
  const size = shown.value?.size;
  return size && (ownView.value ?? fitView(stage.value, size));
});

/** A column of the stage as it is seen, in a mirror or not; and back. */
export const seenAt = (x: number): number => (isMirrored.value ? stage.value.width - x : x);

/** A pixel that somebody asks about. */
export interface Probe {
  readonly pixel: Point;
  readonly id: number;
  /** 0 to 1. */
  readonly confidence: number;
}
export const probe = signal<Probe | undefined>();
