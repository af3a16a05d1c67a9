import { threadHandler } from './thread.ts';

const handle = threadHandler((reply, transfer) => globalThis.postMessage(reply, { transfer }));
globalThis.onmessage = ({ data }) => handle(data);
