import { Segmenter } from '@atrous/segmenter/client';
import { signal } from '@preact/signals';
import { transfer } from 'comlink';
import { engine } from '../state/engine.ts';
import { look } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { selected } from '../state/pictures.ts';
import type { Difference } from '../worker/difference.ts';
import { divide } from './found.ts';
import { optionsOf } from './load.ts';
import { painter } from './painter.ts';

/** One picture on two runtimes. */
export interface Comparison {
  readonly runtimes: readonly [string, string];
  /** Milliseconds of the network. */
  readonly times: readonly [number, number];
  readonly difference: Difference;
}
export const comparison = signal<Comparison | undefined>();
/** What is being run. */
export const comparing = signal<string | undefined>();

/** The longest side of what is shown. */
const side = 480;
let stop = new AbortController();

/** Runs the selected picture on two runtimes, one after the other, each warmed up by a first run. */
export async function compare(runtimes: readonly [string, string]): Promise<void> {
  const model = engine.value?.model;
  const picture = selected.value;
  if (!model || !picture) return;
  stopComparing();
  stop = new AbortController();
  const { signal } = stop;
  try {
    const runs = [];
    for (const runtime of runtimes) {
      comparing.value = runtime;
      const segmenter = await Segmenter.load(model.location, { ...optionsOf(runtime), signal });
      try {
        await segmenter.segment(picture.file, { signal });
        runs.push(
          divide(await segmenter.segment(picture.file, { signal, logits: true }), { model, segmenter }),
        );
      } finally {
        await segmenter.dispose();
      }
    }
    const [a, b] = runs;
    const found = transfer([a.found, b.found] as const, [...a.memory, ...b.memory]);
    const difference = await painter.difference(picture.id, found, look.value, side);
    if (signal.aborted) return close(difference);
    comparison.value = {
      runtimes: [a.result.runtime, b.result.runtime],
      times: [a.result.timings.run, b.result.timings.run],
      difference,
    };
  } catch (error) {
    if (!signal.aborted) sayError(error);
  } finally {
    if (stop.signal === signal) comparing.value = undefined;
  }
}

/** Ends what runs, and forgets what was shown. */
export function stopComparing(): void {
  stop.abort();
  comparing.value = undefined;
  if (comparison.value) close(comparison.value.difference);
  comparison.value = undefined;
}

function close({ masks, marked }: Difference): void {
  for (const bitmap of [...masks, marked]) bitmap.close();
}
