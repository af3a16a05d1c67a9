import { Queue } from 'bullmq';
import type { PictureJob } from './job.ts';
import { connectionTo, type QueueAddress, queueName } from './redis.ts';
import type { DonePicture } from './worker.ts';

/** A picture that was set apart, with its error. */
export interface SetApart {
  readonly from: string;
  readonly key: string;
  readonly error: string;
  readonly attempts: number;
}

export interface FleetStatus {
  readonly name: string;
  readonly isPaused: boolean;
  readonly workers: number;
  readonly waiting: number;
  /** Under way. */
  readonly active: number;
  /** Waiting for their next try, or for a worker that may do them. */
  readonly delayed: number;
  readonly done: number;
  readonly failed: number;
  /** Of the last pictures that were done. */
  readonly perMinute: number;
  /** Until all are done, at this rate; undefined where nothing moves. */
  readonly secondsLeft: number | undefined;
  /** Why workers refuse what waits, where some do. */
  readonly refusals: readonly string[];
}

/** A queue, to look at and to steer. */
export interface Fleet {
  status(): Promise<FleetStatus>;
  /** Pictures that were set apart, the latest first. @param most of them @default 20 */
  setApart(most?: number): Promise<SetApart[]>;
  /** Workers finish what they have and take no more, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** All that were set apart wait again. */
  retry(): Promise<void>;
  close(): Promise<void>;
}

/** The last pictures that a rate is made of, and how old the newest may be. */
const recent = { pictures: 200, milliseconds: 60_000 };

/** @throws AtrousError `unavailable` where nobody answers */
export async function openFleet(address: QueueAddress): Promise<Fleet> {
  const queue = new Queue<PictureJob, DonePicture>(queueName(address), {
    connection: await connectionTo(address),
  });
  queue.on('error', () => {}); // a connection that is lost is made again
  return {
    async status() {
      const [counts, isPaused, workers, done, delayed] = await Promise.all([
        queue.getJobCounts(),
        queue.isPaused(),
        queue.getWorkersCount(),
        queue.getJobs(['completed'], 0, recent.pictures - 1),
        queue.getJobs(['delayed'], 0, 19),
      ]);
      const of = (...names: string[]) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
      const waiting = of('waiting', 'prioritized', 'paused');
      const left = waiting + of('active', 'delayed');
      const perSecond = rateOf(done.flatMap((job) => job?.finishedOn ?? []));
      return {
        name: queue.name,
        isPaused,
        workers,
        waiting,
        active: of('active'),
        delayed: of('delayed'),
        done: of('completed'),
        failed: of('failed'),
        perMinute: Math.round(perSecond * 600) / 10,
        secondsLeft: left === 0 ? 0 : perSecond > 0 ? Math.ceil(left / perSecond) : undefined,
        refusals: [...new Set(delayed.flatMap((job) => job?.data.refused?.why ?? []))],
      };
    },
    async setApart(most = 20) {
      const jobs = await queue.getJobs(['failed'], 0, most - 1);
      return jobs.flatMap((job) =>
        job
          ? {
              from: job.data.from,
              key: job.data.key,
              error: job.failedReason,
              attempts: job.attemptsMade,
            }
          : [],
      );
    },
    pause: () => queue.pause(),
    resume: () => queue.resume(),
    async retry() {
      await queue.retryJobs({ state: 'failed' });
    },
    close: () => queue.close(),
  };
}

/** Pictures a second, of the times at which the last were done; 0 where the newest is long ago. */
function rateOf(times: readonly number[]): number {
  const now = Date.now();
  const [newest, oldest] = [Math.max(...times), Math.min(...times)];
  if (times.length < 2 || now - newest > recent.milliseconds) return 0;
  return times.length / (Math.max(now - oldest, 1) / 1000);
}
