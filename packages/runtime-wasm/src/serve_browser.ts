import { threadHandler } from './thread.ts';

export { engineWorker } from './web_worker.ts';

/** Makes this web worker one of the engine's threads. */
export function serveEngine(): void {
  const handle = threadHandler((reply, transfer) => globalThis.postMessage(reply, { transfer }));
  globalThis.onmessage = ({ data }) => handle(data);
}
