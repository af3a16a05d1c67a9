import { computed, signal } from '@preact/signals';
import { fitView, type Point, type View } from '../view.ts';
import type { Size } from '../worker/scene.ts';
import { isMirrored, shown } from './live.ts';

/** The stage in canvas pixels. */
export const stage = signal<Size>({ width: 1, height: 1 });
/** Where somebody has moved to, in which picture. */
const moved = signal<{ readonly id: string; readonly view: View } | undefined>();

/** Whether all of the picture is seen, as it is at first. */
export const isFit = computed(() => moved.value?.id !== shown.value?.id);

/** Where somebody looks; undefined while nothing is to be seen. */
export const view = computed((): View | undefined => {
  const size = shown.value?.size;
  return size && (isFit.value ? fitView(stage.value, size) : moved.value?.view);
});

/** Looks elsewhere; at all of the picture without a view. */
export function lookAt(at?: View): void {
  const id = shown.value?.id;
  moved.value = at && id !== undefined ? { id, view: at } : undefined;
}

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
