/** The segmenter's worker: our engine, and the runtimes of others when somebody asks for them. */
export const createWorker = (): Worker =>
  new Worker(new URL('../worker/worker_segmenter.ts', import.meta.url), {
    type: 'module',
    name: 'segmenter',
  });
