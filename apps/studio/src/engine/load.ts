import { Segmenter } from '@atrous/segmenter/worker';
import { asked, engine, loading, type ModelChoice, threads, wantedThreads } from '../state/engine.ts';
import { hidden } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { again, forgetMasks } from './queue.ts';

/** Where TensorFlow.js' binaries lie: it does not find them by itself. */
export const tfjsFolder = new URL('runtimes/tfjs/', document.baseURI);

/** TensorFlow.js starts threads from Blobs, which the page's policy refuses. */
export const optionsOf = (runtime: string, count: number = threads.value) =>
  runtime.startsWith('tfjs:') ? { runtime, threads: 1, wasm: tfjsFolder } : { runtime, threads: count };

let current: AbortController | undefined;

/**
 * Loads a model on a runtime, with its progress in `loading`. An earlier load that is under way is given up.
 * @returns undefined where it was given up
 */
async function load(model: ModelChoice, runtime: string, count: number): Promise<Segmenter | undefined> {
  current?.abort();
  const stop = new AbortController();
  current = stop;
  const wanted = { model, runtime, threads: count };
  loading.value = { ...wanted, phase: 'download', loaded: 0 };
  try {
    const segmenter = await Segmenter.load(model.location, {
      ...optionsOf(runtime, count),
      signal: stop.signal,
      onProgress({ phase, loaded, total }) {
        if (current !== stop) return;
        const isReady = phase === 'verify' && loaded === total;
        loading.value = { ...wanted, phase: isReady ? 'start' : phase, loaded, total };
      },
    });
    if (!stop.signal.aborted) return segmenter;
    await segmenter.dispose();
    return undefined;
  } catch (error) {
    if (stop.signal.aborted) return undefined;
    throw error;
  } finally {
    if (current === stop) {
      current = undefined;
      loading.value = undefined;
    }
  }
}

export function stopLoading(): void {
  current?.abort();
}

/**
 * Takes another model or runtime, and segments what is there with it. What was in use stays until the new one is ready,
 * and where it cannot be had.
 * @returns whether it is in use now
 */
export async function chooseEngine(
  model: ModelChoice,
  runtime: string = asked()?.runtime ?? 'auto',
  count: number = wantedThreads(),
): Promise<boolean> {
  const segmenter = await load(model, runtime, count).catch(sayError);
  if (!segmenter) return false;
  const before = engine.value;
  // TensorFlow.js on a GPU or in plain JavaScript has none to choose
  const isThreaded = ['wasm', 'onnx:wasm'].includes(segmenter.runtime);
  engine.value = { model, runtime, segmenter, threads: isThreaded ? count : 1 };
  threads.value = count;
  if (before?.model !== model) {
    hidden.value = [];
    await forgetMasks();
  }
  again();
  await before?.segmenter.dispose();
  return true;
}
