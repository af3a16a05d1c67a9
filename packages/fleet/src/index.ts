export { type EnqueuedPictures, type EnqueueOptions, enqueue } from './enqueue.ts';
export { type FleetSettings, type PictureJob, type PictureSettings, settingsOf } from './job.ts';
export { type Fleet, type FleetStatus, openFleet, type SetApart } from './queue.ts';
export type { QueueAddress } from './redis.ts';
export { type DonePicture, type FleetWorker, startWorker, type WorkerOptions } from './worker.ts';
