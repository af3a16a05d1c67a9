import { Segmenter } from '@atrous/segmenter/worker';
import {
  asked,
  engine,
  type Loading,
  loading,
  type ModelChoice,
  threads,
  wantedThreads,
} from '../state/engine.ts';
import { hidden } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { seen } from './look.ts';
import { again, forgetMasks } from './queue.ts';

/** Where TensorFlow.js' binaries lie: it does not find them by itself. */
export const tfjsFolder = new URL('runtimes/tfjs/', document.baseURI);

/** TensorFlow.js starts threads from Blobs, which the page's policy refuses. */
export const optionsOf = (runtime: string, count: number = threads.value) =>
  runtime.startsWith('tfjs:') ? { runtime, threads: 1, wasm: tfjsFolder } : { runtime, threads: count };

let current: AbortController | undefined;

/** A model in use, and what is known of it. */
interface Loaded {
  readonly model: ModelChoice;
  readonly segmenter: Segmenter;
}

/**
 * Loads a model on a runtime, with its progress in `loading`. An earlier load that is under way is given up.
 * @returns undefined where it was given up
 */
async function load(chosen: ModelChoice, runtime: string, count: number): Promise<Loaded | undefined> {
  current?.abort();
  const stop = new AbortController();
  current = stop;
  let wanted = { model: chosen, runtime, threads: count };
  const show = (progress: Pick<Loading, 'phase' | 'loaded' | 'total'>) => {
    if (current === stop) loading.value = { ...wanted, ...progress };
  };
  show({ phase: Array.isArray(chosen.location) ? 'look' : 'download', loaded: 0 });
  try {
    const model = await seen(chosen, stop.signal, (loaded, total) =>
      show({ phase: 'unpack', loaded, total }),
    );
    wanted = { ...wanted, model };
    if (model.recognised) show({ phase: 'start', loaded: 0 });
    const segmenter = await Segmenter.load(model.location, {
      ...optionsOf(runtime, count),
      signal: stop.signal,
      onProgress({ phase, loaded, total }) {
        const isReady = phase === 'verify' && loaded === total;
        show({ phase: isReady ? 'start' : phase, loaded, total });
      },
    });
    if (!stop.signal.aborted) return { model, segmenter };
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
  chosen: ModelChoice,
  runtime: string = asked()?.runtime ?? 'auto',
  count: number = wantedThreads(),
): Promise<boolean> {
  const loaded = await load(chosen, runtime, count).catch(sayError);
  if (!loaded) return false;
  const { model, segmenter } = loaded;
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
