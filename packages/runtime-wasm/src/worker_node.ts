import { parentPort } from 'node:worker_threads';
import { threadHandler } from './thread.ts';

const handle = threadHandler((reply, transfer) => parentPort?.postMessage(reply, transfer));
parentPort?.on('message', handle);
