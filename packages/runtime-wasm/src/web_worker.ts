import { openWorker } from '@atrous/tensor';
import type { ThreadWorker } from './pool.ts';

/** One of the engine's threads: a web worker whose script, at this URL, calls `serveEngine`. */
export function engineWorker(url: URL, name?: string): ThreadWorker {
  const worker = openWorker(url, name);
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onReply, onError) {
      worker.onmessage = ({ data }) => onReply(data);
      worker.onerror = ({ message }) =>
        onError(new Error(`${url.href}: ${message || 'the script cannot be loaded as a worker'}`));
    },
    keepAlive: () => {},
    terminate: () => worker.terminate(),
  };
}
