import { Worker as NodeWorker } from 'node:worker_threads';
import type { ThreadWorker } from './pool.ts';

/** A worker thread; a process does not stay alive for it unless it is told to. */
export function createWorker(): ThreadWorker {
  const worker = new NodeWorker(new URL('./worker_node.ts', import.meta.url));
  worker.unref();
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onReply, onError) {
      worker.on('message', onReply);
      worker.on('error', onError);
    },
    keepAlive: (keep) => (keep ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
