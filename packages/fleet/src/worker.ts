import { readPicture, type Segmenter } from '@atrous/segmenter';
import { type FileFormat, fileFormats, segmentToFiles } from '@atrous/segmenter/files';
import { AtrousError, type ErrorCode, messageOf } from '@atrous/tensor';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import { type PictureJob, refusal, resultKey, settingsChecksum } from './job.ts';
import { modelChecksum } from './model_checksum.ts';
import { connectionTo, type QueueAddress, queueName } from './redis.ts';
import { openStore, type Store } from './store.ts';

export interface WorkerOptions extends QueueAddress {
  /** Where the segmenter was loaded from. */
  readonly location: string;
  /** Pictures under way at once: one in the network, the others read and written meanwhile. @default 3 */
  readonly jobs?: number;
  /** A picture of more pixels is set apart. @default 200 megapixels */
  readonly maxPixels?: number;
  /** Seconds after which the pictures of a worker that no longer says that it lives go to others. @default 30 */
  readonly lockSeconds?: number;
  readonly onDone?: (picture: DonePicture) => void;
  /** A picture that failed: set apart, or tried again where `again` says so. */
  readonly onFailed?: (picture: {
    readonly key: string;
    readonly error: string;
    readonly again: boolean;
  }) => void;
  /** What is wrong with the queue's connection, which is made again. */
  readonly onError?: (error: Error) => void;
}

/** What became of a picture. */
export interface DonePicture {
  readonly key: string;
  /** Its results, by format, below the store of results. */
  readonly files: Readonly<Partial<Record<FileFormat, string>>>;
  /** Results that were there already: somebody made the same before. */
  readonly found: number;
  readonly milliseconds: number;
}

export interface FleetWorker {
  /** Takes no more pictures, finishes those under way, and ends. */
  close(): Promise<void>;
}

/** Errors that are the same at every try: of the picture, not of the day. */
const ofPicture: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'input',
  'format',
  'not-found',
  'integrity',
  'shape',
  'unsupported',
]);

/** How long a picture waits that a worker may not do, and for how long it is offered to others, in milliseconds. */
const refusals = { delay: 10_000, patience: 3_600_000 };

/**
 * Does the pictures of a queue until it is closed. A picture is done again where a worker was lost; results go by what went into them, so that a
 * second time makes the same.
 * @throws AtrousError `unavailable` where the queue does not answer
 */
export async function startWorker(segmenter: Segmenter, options: WorkerOptions): Promise<FleetWorker> {
  const { location, jobs = 3, lockSeconds = 30, onDone, onFailed, onError } = options;
  const model = { name: segmenter.config.name, checksum: await modelChecksum(segmenter, location) };
  const stores = new Map<string, Promise<Store>>();
  const storeAt = (place: string): Promise<Store> => {
    const known = stores.get(place) ?? openStore(place);
    stores.set(place, known);
    known.catch(() => stores.delete(place));
    return known;
  };

  const work = async (job: Job<PictureJob, DonePicture>, token?: string): Promise<DonePicture> => {
    const { data } = job;
    if (settingsChecksum(data.settings) !== data.checksum)
      throw new UnrecoverableError('its settings are not those that were enqueued: enqueue it again');
    const why = refusal(data, model);
    if (why !== undefined) return refuse(job, why, token);
    try {
      return await segmentJob(data);
    } catch (error) {
      const isSame = error instanceof AtrousError && ofPicture.has(error.code);
      throw isSame ? new UnrecoverableError(error.message) : error;
    }
  };

  async function segmentJob(data: PictureJob): Promise<DonePicture> {
    const start = performance.now();
    const [from, to] = await Promise.all([storeAt(data.from), storeAt(data.to)]);
    const bytes = await from.read(data);
    const { formats, options: settings } = data.settings;
    const files = Object.fromEntries(formats.map((format) => [format, resultKey(data, bytes, format)]));
    const isThere = await Promise.all(formats.map((format) => to.has(files[format])));
    const missing = formats.filter((_, i) => !isThere[i]);
    let found = formats.length - missing.length;
    if (missing.length > 0) {
      const pixels = await readPicture(bytes, { maxPixels: options.maxPixels });
      const made = await segmentToFiles(segmenter, pixels, missing, settings);
      for (const format of missing) {
        const pieces: Uint8Array[] = [];
        for await (const piece of made.encode(format, data.key)) pieces.push(piece);
        const isNew = await to.write(files[format], Buffer.concat(pieces), fileFormats[format].type);
        if (!isNew) found++;
      }
    }
    return { key: data.key, files, found, milliseconds: Math.round(performance.now() - start) };
  }

  const worker = new Worker<PictureJob, DonePicture>(queueName(options), work, {
    connection: await connectionTo(options),
    concurrency: jobs,
    lockDuration: lockSeconds * 1000,
    stalledInterval: lockSeconds * 1000,
    // a worker that is lost takes its pictures with it, whose fault that is not; a picture that ends every worker is set apart in the end
    maxStalledCount: 20,
  });
  worker.on('completed', (_job, result) => onDone?.(result));
  worker.on('failed', (job, error) => {
    if (!job) return;
    const again = job.finishedOn === undefined;
    onFailed?.({ key: job.data.key, error: messageOf(error), again });
  });
  worker.on('error', (error) => onError?.(error));
  await worker.waitUntilReady();
  return { close: () => worker.close() };
}

/** Puts a picture back for a worker that may do it. @throws DelayedError, or UnrecoverableError where none came by */
async function refuse(job: Job<PictureJob>, why: string, token: string | undefined): Promise<never> {
  const now = Date.now();
  const { since } = job.data.refused ?? { since: now };
  if (now - since > refusals.patience) {
    await job.updateData({ ...job.data, refused: undefined }); // its next hour, where somebody tries it again
    throw new UnrecoverableError(`no worker may do it: ${why}`);
  }
  await job.updateData({ ...job.data, refused: { since, why } });
  await job.moveToDelayed(now + refusals.delay, token);
  throw new DelayedError();
}
