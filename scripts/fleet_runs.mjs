// A fleet on this machine, outside the suite. What it prints is what it found; an exit code of 1 says that something was lost or done twice.
// node --conditions=@atrous/source scripts/fleet_runs.mjs kills [pictures] [workers]   kills a worker every few seconds, and Redis twice
// node --conditions=@atrous/source scripts/fleet_runs.mjs speed [pictures] [rounds]    one worker of one thread beside two
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { enqueue, openFleet, settingsOf } from '../packages/fleet/src/index.ts';
import { filesBelow, spawnWorker, writePictures } from '../packages/fleet/src/test_fleet.ts';
import { startRedis } from '../packages/fleet/src/test_redis.ts';
import { tinyModel } from '../packages/golden/src/node.ts';
import { decodeLabelPng } from '../packages/mask/src/index.ts';
import { Segmenter } from '../packages/segmenter/src/node.ts';

const { Redis } = createRequire(new URL('../packages/fleet/package.json', import.meta.url))('ioredis');
const folder = mkdtempSync(join(tmpdir(), 'atrous-fleet-'));
const [what, ...numbers] = process.argv.slice(2);

async function putAll(redis, model, to) {
  const segmenter = await Segmenter.load(model, { runtime: 'wasm', threads: 1 });
  const settings = await settingsOf(segmenter, model, ['mask']);
  await segmenter.dispose();
  const name = to; // a queue for each run
  await enqueue({ queue: redis.url, name, from: join(folder, 'in'), to: join(folder, to), settings });
  return openFleet({ queue: redis.url, name });
}

/** Bytes that Redis has in use. */
async function memoryOf(url) {
  const client = new Redis(url);
  const info = await client.info('memory');
  client.disconnect();
  return Number(/used_memory:(\d+)/.exec(info)[1]);
}

/** Seconds of processor time that processes have used, as Linux counts them. */
const cpuOf = (pids) =>
  pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);

const isOver = ({ waiting, active, delayed }) => waiting + active + delayed === 0;
const end = async (children) => {
  for (const child of children) {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
  }
};

async function kills(pictures = 2000, count = 4) {
  const model = tinyModel();
  await writePictures(join(folder, 'in'), pictures);
  const redis = await startRedis();
  const memory = await memoryOf(redis.url);
  const fleet = await putAll(redis, model, 'out');
  const bytesPerPicture = Math.round(((await memoryOf(redis.url)) - memory) / pictures);
  const begin = performance.now();
  const ready = new Set();
  const startOne = () => {
    const child = spawnWorker(redis.url, model, { ATROUS_NAME: 'out' });
    child.stdout.once('data', () => ready.add(child));
    return child;
  };
  const workers = Array.from({ length: count }, startOne);
  const restarts = [pictures / 3, (2 * pictures) / 3];
  const figures = { killed: 0, restarts: 0 };
  let lastKill = performance.now();
  for (;;) {
    await wait(250);
    const status = await fleet.status();
    if (isOver(status)) break;
    if (status.done >= restarts[0]) {
      restarts.shift();
      await redis.restart();
      figures.restarts++;
    }
    // as whatever keeps workers alive does
    for (const [i, child] of workers.entries()) if (child.exitCode !== null) workers[i] = startOne();
    const at = figures.killed % count;
    // one that has not begun yet would not be missed
    if (performance.now() - lastKill < 4000 || !ready.has(workers[at])) continue;
    figures.killed++;
    workers[at].kill('SIGKILL');
    workers[at] = startOne();
    lastKill = performance.now();
  }
  const seconds = (performance.now() - begin) / 1000;
  const { done, failed, waiting, active, delayed } = await fleet.status();
  for (const { key, error } of await fleet.setApart()) console.log(`set apart: ${key}: ${error}`);
  await end(workers);
  await fleet.close();
  await redis.stop();
  rmSync(model, { recursive: true });
  const files = filesBelow(join(folder, 'out'));
  const masks = files.filter((file) => file.endsWith('.mask.png'));
  const broken = masks.filter((file) => {
    try {
      return decodeLabelPng(readFileSync(join(folder, 'out', file)), file).width !== 40;
    } catch {
      return true;
    }
  });
  const distinct = new Set(masks.map((file) => file.split('.')[0])).size;
  console.log(
    JSON.stringify({
      pictures,
      bytesPerPicture,
      workers: count,
      ...figures,
      seconds: Math.round(seconds),
      done,
      failed,
      stuck: waiting + active + delayed,
      masks: masks.length,
      distinct,
      broken: broken.length,
      leftHalf: files.length - masks.length,
    }),
  );
  const isRight =
    done === pictures && masks.length === pictures && distinct === pictures && broken.length === 0;
  process.exitCode = isRight && failed + waiting + active + delayed === 0 ? 0 : 1;
}

async function speed(pictures = 60, rounds = 3) {
  const model = fileURLToPath(new URL('../packages/model-people-small', import.meta.url));
  await writePictures(join(folder, 'in'), pictures);
  const redis = await startRedis();
  const rates = { 1: [], 2: [] };
  const cpu = { 1: [], 2: [] };
  for (let round = 0; round < rounds; round++) {
    for (const count of [1, 2]) {
      const name = `out-${round}-${count}`;
      const fleet = await putAll(redis, model, name);
      await fleet.pause();
      const workers = Array.from({ length: count }, () =>
        spawnWorker(redis.url, model, { ATROUS_NAME: name }),
      );
      while ((await fleet.status()).workers < count) await wait(100);
      const pids = [...workers.map(({ pid }) => pid), redis.pid()];
      const [used, begin] = [cpuOf(pids), performance.now()];
      await fleet.resume();
      while (!isOver(await fleet.status())) await wait(500);
      rates[count].push(pictures / ((performance.now() - begin) / 1000));
      cpu[count].push((cpuOf(pids) - used) / pictures);
      await end(workers);
      await fleet.close();
    }
  }
  await redis.stop();
  const rounded = (numbers) => numbers.map((number) => Number(number.toFixed(3)));
  const ratios = rounded(rates[1].map((rate, i) => rates[2][i] / rate));
  const figures = (of) => ({ oneWorker: rounded(of[1]), twoWorkers: rounded(of[2]) });
  // on a machine that others use, time says little: what a picture costs, of workers and Redis together, says whether they are in each other's way
  console.log(
    JSON.stringify({ pictures, perSecond: figures(rates), ratios, cpuSecondsPerPicture: figures(cpu) }),
  );
}

try {
  await { kills, speed }[what](...numbers.map(Number));
} finally {
  rmSync(folder, { recursive: true });
}
