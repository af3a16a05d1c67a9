/** A worker of one thread: `test_worker.ts QUEUE MODEL`, of the queue that ATROUS_NAME names. */
import { Segmenter } from '@atrous/segmenter';
import { startWorker } from './index.ts';

const [queue, location] = process.argv.slice(2);
const segmenter = await Segmenter.load(location, { runtime: 'wasm', threads: 1 });
const worker = await startWorker(segmenter, {
  ...{ queue, location, lockSeconds: 5, onError: () => {} },
  name: process.env.ATROUS_NAME,
});
console.log('ready');
process.once('SIGTERM', async () => {
  await worker.close();
  await segmenter.dispose();
});
