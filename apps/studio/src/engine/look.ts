import { AtrousError } from '@atrous/tensor';
import { proxy, wrap } from 'comlink';
import type { ModelChoice } from '../state/engine.ts';
import type { Report, Seen } from '../worker/look.ts';
import type { Models } from '../worker/worker_models.ts';
import { configOf } from './model_files.ts';

/**
 * A choice with what it is: of checkpoints without a config what was recognised, and the files that are needed. Others
 * are given back as they are.
 * @throws AtrousError that says what is missing where it gives no masks
 */
export async function seen(model: ModelChoice, signal: AbortSignal, report: Report): Promise<ModelChoice> {
  if (!Array.isArray(model.location) || model.recognised) return model;
  const files = model.location as readonly File[];
  const folder = await configOf(files);
  if (folder) return folder === files ? model : { ...model, location: folder };
  const { about, files: needed } = await inWorker(files, signal, report);
  return { ...model, title: about.file, location: needed, recognised: about };
}

/** Asks a worker that ends with the answer: code for every family and format is brought for it. */
async function inWorker(files: readonly File[], signal: AbortSignal, report: Report): Promise<Seen> {
  const worker = new Worker(new URL('../worker/worker_models.ts', import.meta.url), {
    type: 'module',
    name: 'models',
  });
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop);
  worker.addEventListener('error', ({ message }) => {
    const what = message || 'its script cannot be loaded';
    reject(new AtrousError('runtime', `the worker that looks at models has ended: ${what}`));
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([wrap<Models>(worker).lookAt(files, proxy(report)), ended]);
  } finally {
    signal.removeEventListener('abort', stop);
    worker.terminate();
  }
}
