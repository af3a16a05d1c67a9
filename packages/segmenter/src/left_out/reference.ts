import type { Runtime } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';

const reason = 'it is not in the worker that comes with @atrous/segmenter: have a worker file of your own';

/** Stands for the reference runtime, which is for looking, not for pages. */
export const referenceRuntime: Runtime = {
  name: 'reference',
  available: async () => ({ reason }),
  load: async () => {
    throw new AtrousError('unavailable', `reference: ${reason}`);
  },
};
