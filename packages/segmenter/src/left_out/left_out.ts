import { AtrousError } from '@atrous/tensor';

/**
 * What stands in the built worker for code that only checkpoints of others need, which would be a third of it. The modules of this folder
 * have the exports of those that they stand for; `tsdown.config.ts` says which those are.
 */
export function leftOut(): never {
  throw new AtrousError(
    'unsupported',
    'the worker that comes with @atrous/segmenter reads model folders, and safetensors files that Atrous wrote: for other checkpoints ' +
      'have a worker file of your own that calls serveSegmenter() of @atrous/segmenter/thread, and give it as createWorker; or use ' +
      '@atrous/segmenter without a worker',
  );
}
