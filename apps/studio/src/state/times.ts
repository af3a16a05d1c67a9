import type { Timings } from '@atrous/segmenter/client';
import { signal } from '@preact/signals';

/** Stages of a mask, in their order. */
export const stages = {
  decode: 'Decode',
  prepare: 'Resize',
  run: 'Network',
  labels: 'Label map',
  render: 'Render',
} as const;
export type Stage = keyof typeof stages;
export type StageTimes = Readonly<Record<Stage, number>> & {
  /** The picture that the mask belongs to. */
  readonly id: string;
};

const kept = 90;

/** Milliseconds of the last masks, the newest last. */
export const times = signal<readonly StageTimes[]>([]);

export function recordTimes(id: string, { decode, prepare, run, labels }: Timings): void {
  times.value = [...times.value, { id, decode, prepare, run, labels, render: 0 }].slice(-kept);
}

/** Rendering comes after the rest, and again with every look: the last one counts. */
export function recordRender(id: string, render: number): void {
  const last = times.value.at(-1);
  if (last?.id === id) times.value = [...times.value.slice(0, -1), { ...last, render }];
}
