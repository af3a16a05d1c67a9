import type { RuntimeSet } from '@atrous/graph';
import { Segmenter, type SegmenterOptions } from '@atrous/segmenter';
import { locateModel } from './options.ts';
import { loadingReports } from './output.ts';
import { givenRuntimes } from './runtimes.ts';

/** Flags that say which model runs, and how. */
export interface LoadFlags extends Pick<SegmenterOptions, 'runtime' | 'threads' | 'precision' | 'compute'> {
  readonly model: string;
}

/** The model that flags name; how its loading goes is said. */
export const loadSegmenter = (
  { model, runtime, threads, precision, compute }: LoadFlags,
  signal: AbortSignal,
  runtimes: readonly RuntimeSet[] = givenRuntimes,
): Promise<Segmenter> => {
  const options = { runtimes, runtime, threads, precision, compute, signal };
  return Segmenter.load(locateModel(model), { ...options, ...loadingReports });
};
