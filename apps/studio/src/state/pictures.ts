import type { Timings } from '@atrous/segmenter/client';
import { computed, signal } from '@preact/signals';
import type { Size } from '../worker/scene.ts';
import type { ModelChoice } from './engine.ts';

/** What is known of a mask beside its pixels, which the painter has. */
export interface Result {
  readonly model: ModelChoice;
  readonly runtime: string;
  readonly reason: string;
  /** By class id. */
  readonly shares: readonly number[];
  readonly timings: Timings;
}

export interface Picture {
  readonly id: string;
  readonly name: string;
  /** Who made it and under which terms, of a sample. */
  readonly credit?: string;
  readonly file: Blob;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  readonly thumbnail?: ImageBitmap;
  readonly size?: Size;
  readonly result?: Result;
  readonly error?: string;
}

/** The film strip. */
export const pictures = signal<readonly Picture[]>([]);
export const selectedId = signal<string | undefined>();
export const selected = computed(() => pictures.value.find(({ id }) => id === selectedId.value));

/** Whether a first one is through. */
export const hasFirst = computed(() =>
  pictures.value.some(({ state }) => state === 'done' || state === 'failed' || state === 'stopped'),
);

export function updatePicture(id: string, change: Partial<Picture>): void {
  pictures.value = pictures.value.map((picture) => (picture.id === id ? { ...picture, ...change } : picture));
}
