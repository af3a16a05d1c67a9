import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tinyModel } from '@atrous/golden';
import { decodeLabelPng } from '@atrous/mask';
import { Segmenter } from '@atrous/segmenter';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { folderStore } from './folder_store.ts';
import {
  type DonePicture,
  enqueue,
  type FleetSettings,
  type FleetStatus,
  type FleetWorker,
  openFleet,
  type SetApart,
  settingsOf,
  startWorker,
  type WorkerOptions,
} from './index.ts';
import { filesBelow, png, spawnWorker, writePictures } from './test_fleet.ts';
import { needsRedis, redisServer, startRedis, type TestRedis } from './test_redis.ts';

interface Now extends FleetStatus {
  readonly apart: readonly SetApart[];
}

describe.skipIf(!redisServer)(`a queue on Redis${needsRedis}`, () => {
  let model = '';
  let segmenter: Segmenter;
  let settings: FleetSettings;
  let redis: TestRedis;
  beforeAll(async () => {
    model = tinyModel();
    segmenter = await Segmenter.load(model, { runtime: 'wasm', threads: 1 });
    settings = await settingsOf(segmenter, model, ['mask']);
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.stop();
    await segmenter.dispose();
    rmSync(model, { recursive: true });
  });

  let folder = '';
  let name = '';
  const workers: FleetWorker[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atrous-fleet-'));
    name = folder.slice(folder.lastIndexOf('-') + 1);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.close();
    await rm(folder, { recursive: true });
  });

  const at = (path: string) => join(folder, path);
  const address = () => ({ queue: redis.url, name });
  const put = (more: Partial<Parameters<typeof enqueue>[0]> = {}) =>
    enqueue({ ...address(), from: at('in'), to: at('out'), settings, ...more });
  async function work(more: Partial<WorkerOptions> = {}): Promise<DonePicture[]> {
    const done: DonePicture[] = [];
    const onDone = (picture: DonePicture) => void done.push(picture);
    workers.push(await startWorker(segmenter, { ...address(), location: model, onDone, ...more }));
    return done;
  }
  async function statusOnce(isSo: (now: Now) => boolean) {
    await expect.poll(async () => isSo(await status()), { timeout: 30_000, interval: 50 }).toBe(true);
    return status();
  }
  async function status(): Promise<Now> {
    const fleet = await openFleet(address());
    const [now, apart] = await Promise.all([fleet.status(), fleet.setApart()]);
    await fleet.close();
    return { ...now, apart };
  }
  const isOver = ({ waiting, active, delayed }: Now) => waiting + active + delayed === 0;

  test('every picture once, poison set apart with its error; what is known is not done again', async () => {
    await writePictures(at('in'), 12);
    await writeFile(at('in/broken.png'), png(1).subarray(0, 200));
    await writeFile(at('in/note.txt'), 'no picture');
    expect(await put()).toEqual({ pictures: 13 });
    const done = await work();
    const { apart, ...counts } = await statusOnce(isOver);
    expect(counts).toMatchObject({ done: 12, failed: 1, secondsLeft: 0, isPaused: false, workers: 1 });
    expect(apart).toEqual([
      { from: at('in'), key: 'broken.png', attempts: 1, error: expect.stringContaining('not a picture') },
    ]);
    const files = filesBelow(at('out'));
    expect(files.map((file) => file.replace(/\.[\da-f]{16}\./, '.'))).toEqual(
      Array.from({ length: 12 }, (_, i) => `0/${String(i).padStart(4, '0')}.mask.png`),
    );
    const { labels } = await segmenter.segment(at('in/0/0003.png'));
    const bytes = await readFile(at(`out/${files[3]}`));
    expect(decodeLabelPng(bytes, 'mask').data).toEqual(labels.data);
    await put();
    expect((await status()).waiting).toBe(0);
    expect(done.length).toBe(12);
  });

  test('another queue finds the results that are there', async () => {
    await writePictures(at('in'), 3);
    await put();
    await work();
    await statusOnce(isOver);
    const before = filesBelow(at('out'));
    name += '-again';
    await put();
    const done = await work();
    await statusOnce(isOver);
    expect(done.map(({ found }) => found)).toEqual([1, 1, 1]);
    expect(filesBelow(at('out'))).toEqual(before);
  });

  test('other settings make files of their own, and so does a picture that changed', async () => {
    await writePictures(at('in'), 1);
    await work();
    await put();
    await put({ settings: await settingsOf(segmenter, model, ['mask', 'geojson'], { minConfidence: 0.9 }) });
    await statusOnce(isOver);
    await writeFile(at('in/0/0000.png'), png(5));
    await utimes(at('in/0/0000.png'), new Date(), new Date(Date.now() + 5000));
    await put();
    await statusOnce(isOver);
    const kinds = filesBelow(at('out')).map((file) => file.replace(/\.[\da-f]{16}\./, '.'));
    expect(kinds).toEqual(expect.arrayContaining(['0/0000.mask.geojson']));
    expect(kinds.filter((kind) => kind === '0/0000.mask.png').length).toBe(3);
  });

  test('a picture that changed while it waited is set apart', async () => {
    await writePictures(at('in'), 1);
    await put();
    await writeFile(at('in/0/0000.png'), png(9, 50, 50));
    await work();
    const { apart } = await statusOnce(isOver);
    expect(apart[0].error).toContain('changed since it was enqueued: enqueue it again');
  });

  test('a worker with another model or version refuses, and one that may do it does', async () => {
    await writePictures(at('in'), 2);
    const other = { ...settings, model: { name: 'street', checksum: 'f'.repeat(64) } };
    await put({ settings: other, to: at('other') });
    await put({ settings: { ...settings, version: '0.0.1' }, to: at('old') });
    await put();
    const done = await work();
    const { refusals } = await statusOnce(({ done, delayed }) => done === 2 && delayed === 4);
    expect([...refusals].sort()).toEqual([
      expect.stringMatching(/^it is for the model street \(f{12}\), and this worker has street \(/),
      expect.stringMatching(/^it is for version 0\.0\.1 of Atrous, and this worker is /),
    ]);
    expect(done.length).toBe(2);
    expect(filesBelow(folder).filter((file) => file.endsWith('.mask.png')).length).toBe(2);
  });

  test('what fails for a reason that may pass is tried again, later and later', async () => {
    await writePictures(at('in'), 1);
    const failures: { error: string; again: boolean }[] = [];
    await put({ attempts: 2 });
    let tries = 0;
    const flaky = new Proxy(segmenter, {
      get: (target, key) =>
        key === 'segment' && tries++ === 0
          ? () => Promise.reject(new Error('the machine was busy'))
          : Reflect.get(target, key),
    });
    const onFailed = (failure: { error: string; again: boolean }) => void failures.push(failure);
    workers.push(await startWorker(flaky, { ...address(), location: model, onFailed }));
    const { done, failed } = await statusOnce(isOver);
    expect([done, failed]).toEqual([1, 0]);
    expect(failures).toMatchObject([{ error: 'the machine was busy', again: true }]);
  });

  test('priorities, pause, resume, and what was set apart again', async () => {
    await writePictures(at('in'), 2);
    await writePictures(at('urgent/first'), 2);
    const fleet = await openFleet(address());
    await fleet.pause();
    await put({ priority: 9 });
    await put({ from: at('urgent'), priority: 1 });
    const done = await work({ jobs: 1 });
    expect(await fleet.status()).toMatchObject({
      isPaused: true,
      waiting: 4,
      done: 0,
      secondsLeft: undefined,
    });
    await fleet.resume();
    await statusOnce(isOver);
    expect(done.map(({ key }) => key.split('/')[0])).toEqual(['first', 'first', '0', '0']);
    await writeFile(at('in/late.png'), 'no picture');
    await put();
    await statusOnce(({ failed }) => failed === 1);
    await writeFile(at('in/late.png'), png(3));
    await fleet.retry();
    const { apart } = await statusOnce(
      ({ failed, active, waiting }) => failed === 1 && active + waiting === 0,
    );
    expect(apart[0].error).toContain('changed since it was enqueued');
    await fleet.close();
  });

  test('nobody there, and no address', async () => {
    await expect(openFleet({ queue: 'redis://:secret@127.0.0.1:1' })).rejects.toThrow(
      /^redis:\/\/127\.0\.0\.1:1 does not answer: connect ECONNREFUSED .*start Redis/,
    );
    await expect(openFleet({ queue: 'http://x' })).rejects.toThrow('queue: expected redis://host:port');
  });

  test('an empty folder, a folder that is none, keys that lead out', async () => {
    await expect(put()).rejects.toThrow(`${at('in')}: `);
    await expect(put({ from: folder })).rejects.toThrow('no pictures found');
    await expect(folderStore(folder).read({ key: '../x.png', version: '' })).rejects.toThrow('not below');
    await expect(put({ to: 's3://X' })).rejects.toThrow('s3://X: expected s3://bucket/prefix');
  });

  test('workers that are killed and a Redis that goes away lose nothing and do nothing twice', async () => {
    await writePictures(at('in'), 120);
    name = 'atrous';
    await put();
    const spawned = [spawnWorker(redis.url, model), spawnWorker(redis.url, model)];
    await statusOnce(({ done }) => done >= 10);
    spawned[0].kill('SIGKILL');
    await redis.restart();
    spawned.push(spawnWorker(redis.url, model));
    const { done, failed } = await statusOnce(isOver);
    expect([done, failed]).toEqual([120, 0]);
    const files = filesBelow(at('out'));
    expect(files.filter((file) => file.includes('.partial'))).toEqual([]);
    expect(new Set(files.map((file) => file.split('.')[0])).size).toBe(120);
    expect(files.length).toBe(120);
    for (const child of spawned) child.kill('SIGTERM');
  });
});
