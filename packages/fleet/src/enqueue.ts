import { resolve } from 'node:path';
import { AtrousError } from '@atrous/tensor';
import { Queue } from 'bullmq';
import { type FleetSettings, jobId, type PictureJob, settingsChecksum } from './job.ts';
import { connectionTo, type QueueAddress, queueName } from './redis.ts';
import { openStore } from './store.ts';

export interface EnqueueOptions extends QueueAddress {
  /** A folder, or `s3://bucket/prefix`: its pictures, those of folders below, too. */
  readonly from: string;
  /** Where results go, under the pictures' own paths. */
  readonly to: string;
  readonly settings: FleetSettings;
  /** 1 comes first; 0 is before all that have one. @default 0 */
  readonly priority?: number;
  /** How often a picture is tried that fails for a reason which may pass. @default 5 */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

export interface EnqueuedPictures {
  /** Pictures that were found. Those that the queue knows already are not added twice. */
  readonly pictures: number;
}

/** Jobs that are sent at once. */
const batchSize = 500;

/**
 * How long what is done is remembered: so long it is not enqueued again, and counts. What failed stays until it is tried again or
 * removed.
 */
const kept = { age: 7 * 24 * 3600, count: 1_000_000 };

/**
 * Puts every picture of a store into a queue. It may be broken off and done again: what is known is not added twice.
 * @throws AtrousError `input` for a store without pictures, `unavailable` where the queue does not answer, the signal's reason
 */
export async function enqueue(options: EnqueueOptions): Promise<EnqueuedPictures> {
  const { settings, priority, attempts = 5, signal } = options;
  const [from, to] = [located(options.from), located(options.to)];
  await openStore(to); // what is wrong with it is said now
  const store = await openStore(from);
  const queue = new Queue<PictureJob>(queueName(options), { connection: await connectionTo(options) });
  queue.on('error', () => {}); // a connection that is lost is made again
  const checksum = settingsChecksum(settings);
  let pictures = 0;
  let batch: PictureJob[] = [];
  const send = async () => {
    await queue.addBulk(
      batch.map((data) => ({
        name: 'picture',
        data,
        opts: {
          jobId: jobId(data),
          priority,
          attempts,
          backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
          removeOnComplete: kept,
        },
      })),
    );
    pictures += batch.length;
    batch = [];
  };
  try {
    for await (const { key, version } of store.pictures()) {
      signal?.throwIfAborted();
      batch.push({ from, to, key, version, settings, checksum });
      if (batch.length === batchSize) await send();
    }
    if (batch.length > 0) await send();
  } finally {
    await queue.close();
  }
  if (pictures === 0) throw new AtrousError('input', `${from}: no pictures found`);
  return { pictures };
}

/** A folder by its whole path: workers start elsewhere. */
const located = (store: string): string => (store.startsWith('s3://') ? store : resolve(store));
