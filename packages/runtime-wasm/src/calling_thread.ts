import type { ThreadWorker } from './pool.ts';
import type { Reply } from './protocol.ts';
import { threadHandler } from './thread.ts';

/**
 * Stands for a worker where none can start: requests are done on the thread that makes them, in slices of 8 ms at most, between which
 * whatever waits has its turn.
 */
export function callingThread(): ThreadWorker {
  let reply: (reply: Reply) => void = () => {};
  const handle = threadHandler((message) => reply(message), { sliceMilliseconds: 4, sliceMultiplyAdds: 2e7 });
  return {
    post: handle,
    listen(onReply) {
      reply = onReply;
    },
    keepAlive: () => {},
    terminate() {
      reply = () => {};
      handle({ kind: 'abort' });
    },
  };
}
