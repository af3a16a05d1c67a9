import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tinyModel } from '@atrous/golden';
import { Segmenter } from '@atrous/segmenter';
import { expect, test } from 'vitest';
import { openFleet, settingsOf } from './index.ts';
import { spawnWorker } from './test_fleet.ts';
import { needsRedis, redisServer, startRedis } from './test_redis.ts';
import { hasMoto, needsMoto, startS3 } from './test_s3.ts';

/** A script beside this one, on plain Node; what it prints. */
async function run(script: string, env: Record<string, string>, ...args: string[]): Promise<string> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@atrous/source', file, ...args],
    {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    },
  );
  return stdout;
}

test.skipIf(!hasMoto || !redisServer)(
  `pictures in buckets, and through a queue${needsMoto}${needsRedis}`,
  async () => {
    const model = tinyModel();
    const [s3, redis] = [await startS3(), await startRedis()];
    try {
      expect(JSON.parse(await run('./test_buckets.ts', s3.environment, 'try'))).toEqual({
        keys: ['1.png', 'b/2.jpg'],
        read: true,
        changed: 's3://photos/a/1.png: changed since it was enqueued: enqueue it again',
        gone: 's3://photos/a/gone.png: no such object',
        noBucket: expect.stringContaining('s3://no-such-bucket cannot be listed'),
        has: [false, true],
        // of two that write the same key, one is first and the other hears of it
        first: [false, true],
        again: false,
        kept: true,
      });
      const segmenter = await Segmenter.load(model, { runtime: 'wasm', threads: 1 });
      const settings = await settingsOf(segmenter, model, ['mask', 'coco']);
      await segmenter.dispose();
      const address = { queue: redis.url };
      const job = { ...address, from: 's3://photos/run', to: 's3://photos/made', settings };
      expect(
        JSON.parse(await run('./test_buckets.ts', s3.environment, 'enqueue', JSON.stringify(job))),
      ).toEqual({
        pictures: 5,
      });
      const worker = spawnWorker(redis.url, model, s3.environment);
      const fleet = await openFleet(address);
      await expect.poll(async () => (await fleet.status()).done, { timeout: 30_000 }).toBe(5);
      const keys = JSON.parse(await run('./test_buckets.ts', s3.environment, 'list', 'made/'));
      expect(keys.map((key: string) => key.replace(/\.[\da-f]{16}\./, '.'))).toEqual(
        [0, 1, 2, 3, 4].flatMap((i) => [`made/${i}.coco.json`, `made/${i}.mask.png`]),
      );
      await fleet.close();
      worker.kill('SIGTERM');
    } finally {
      await redis.stop();
      await s3.stop();
      rmSync(model, { recursive: true });
    }
  },
);
