import { AtrousError, messageOf } from '@atrous/tensor';
import type { QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';

/** Which queue: a Redis or Valkey, and a name there. */
export interface QueueAddress {
  /** `redis://user:password@host:6379/0`, or `rediss://` over TLS. */
  readonly queue: string;
  /** Queues of other names do not see each other. @default 'atrous' */
  readonly name?: string;
}

export const queueName = ({ name = 'atrous' }: QueueAddress): string => name;

/** The address as it may be shown. */
function shown(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return url;
  }
}

/**
 * How BullMQ connects. A server that goes away is waited for, however long: what was asked of it is asked again.
 * @throws AtrousError `input` for what is no address, `unavailable` where nobody answers
 */
export async function connectionTo({ queue }: QueueAddress): Promise<QueueOptions['connection']> {
  if (!/^rediss?:\/\/./.test(queue) || !URL.canParse(queue)) {
    throw new AtrousError('input', `queue: expected redis://host:port or rediss://…, got ${shown(queue)}`);
  }
  const probe = new Redis(queue, {
    lazyConnect: true,
    connectTimeout: 5000,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  let lost: Error | undefined; // what the connection says beside "closed"
  probe.on('error', (error) => {
    lost = error;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (cause) {
    const advice = 'start Redis or Valkey there, or give another address';
    throw new AtrousError(
      'unavailable',
      `${shown(queue)} does not answer: ${messageOf(lost ?? cause)}; ${advice}`,
      {
        cause,
      },
    );
  } finally {
    probe.disconnect();
  }
  return { url: queue, maxRetriesPerRequest: null };
}
