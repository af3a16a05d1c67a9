import { listRuntimes } from '@atrous/segmenter/client';
import { sayError } from '../state/messages.ts';
import { statuses } from '../state/runtimes.ts';
import { createWorker } from './segmenter_worker.ts';

let asked: Promise<void> | undefined;

/** Looks what this browser has. Runtimes of others are brought for it, so only when somebody wants to know. */
export function askRuntimes(): Promise<void> {
  asked ??= listRuntimes({ createWorker, threads: 1 }).then(
    (list) => {
      statuses.value = list;
    },
    (error) => {
      asked = undefined;
      sayError(error);
    },
  );
  return asked;
}
