import { Segmenter } from '@atrous/segmenter/client';
import { type Asked, type Engine, type Loading, type ModelChoice, threads } from '../state/engine.ts';
import { segmenterOptions } from '../state/runtimes.ts';
import { seen } from './look.ts';
import { createWorker } from './segmenter_worker.ts';

/** TensorFlow.js starts threads from Blobs, which the page's policy refuses. */
export const optionsOf = (runtime: string, count: number = threads.value) => ({
  createWorker,
  ...segmenterOptions(runtime),
  threads: runtime.startsWith('tfjs:') ? 1 : count,
});

/** How far a load is. */
export type Progress = Pick<Loading, 'part' | 'phase' | 'loaded' | 'total'>;

/**
 * Loads a model.
 * @param asked the runtime and the threads; its model may be another, which this one stands for
 * @returns undefined where it was given up
 */
export async function load(
  chosen: ModelChoice,
  { runtime, threads: count }: Asked,
  signal: AbortSignal,
  show: (progress: Progress) => void,
): Promise<Engine | undefined> {
  let part = chosen;
  show({ part, phase: Array.isArray(chosen.location) ? 'look' : 'download', loaded: 0 });
  try {
    part = await seen(chosen, signal, (loaded, total) => show({ part, phase: 'unpack', loaded, total }));
    if (part.recognised) show({ part, phase: 'start', loaded: 0 });
    const segmenter = await Segmenter.load(part.location, {
      ...optionsOf(runtime, count),
      signal,
      onProgress({ phase, loaded, total }) {
        const isReady = phase === 'verify' && loaded === total;
        show({ part, phase: isReady ? 'start' : phase, loaded, total });
      },
    });
    // TensorFlow.js on a GPU or in plain JavaScript has no threads to choose
    const isThreaded = ['wasm', 'onnx:wasm'].includes(segmenter.runtime);
    if (!signal.aborted) return { model: part, runtime, segmenter, threads: isThreaded ? count : 1 };
    await segmenter.dispose();
    return undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
