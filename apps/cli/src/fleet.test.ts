import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tinyModel } from '@atrous/golden';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcomeOf, runCommand, start } from './test_command.ts';

const program = [process.env.ATROUS_REDIS, '/usr/bin/redis-server', '/usr/bin/valkey-server'].find(
  (path) => path && existsSync(path),
);
const needs = program
  ? ''
  : ' (skipped: needs redis-server or valkey-server, e.g. apt-get install redis-server)';

let folder = '';
let model = '';
let redis: ChildProcess | undefined;
let queue = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-commands-'));
  model = tinyModel();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await once(server.close(), 'close');
  queue = `redis://127.0.0.1:${port}`;
  if (program)
    redis = spawn(program, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
  if (redis) await once(redis.stdout!, 'data');
});
afterAll(() => {
  redis?.kill('SIGKILL');
  for (const made of [folder, model]) rmSync(made, { recursive: true });
});

test.skipIf(!program)(`enqueue, worker and queue${needs}`, async () => {
  const astronaut = fileURLToPath(new URL('../examples/astronaut.png', import.meta.url));
  await mkdir(join(folder, 'in/trip'), { recursive: true });
  await cp(astronaut, join(folder, 'in/trip/a.png'));
  await writeFile(join(folder, 'in/broken.jpg'), 'no picture');
  const at = ['--queue', queue, '--name', 'test'];
  const put = await runCommand(
    folder,
    'enqueue',
    'in',
    '-o',
    'out',
    '--formats',
    'mask,svg',
    '--model',
    model,
    ...at,
  );
  expect([put.stdout, put.stderr, put.code]).toEqual(['2 pictures for street → out\n', '', 0]);
  const worker = start(folder, ['worker', '--model', model, '--threads', '1', ...at]);
  const outcome = outcomeOf(worker);
  const counts = async () => {
    const { done, failed } = JSON.parse((await runCommand(folder, 'queue', '--json', ...at)).stdout);
    return [done, failed];
  };
  // each look is a start of the command
  const patience = { timeout: 100_000, interval: 1000 };
  await expect.poll(counts, patience).toEqual([1, 1]);
  const shown = await runCommand(folder, 'queue', ...at);
  expect(shown.stdout).toMatch(
    /^test: 1 workers\nwaiting +0\nunder way +0\nput off +0\ndone +1\nset apart +1\n/,
  );
  expect(shown.stdout).toMatch(/all done\nbroken\.jpg \(1 tries\): .*not a picture/);
  worker.kill('SIGTERM');
  const { code, stdout, stderr } = await outcome;
  expect([code, stdout]).toEqual([0, '1 pictures, 0 of them found done, 1 set apart\n']);
  expect(stderr).toContain('broken.jpg is set apart: ');
  const files = readdirSync(join(folder, 'out/trip')).map((file) => file.replace(/\.[\da-f]{16}\./, '.'));
  expect(files.sort()).toEqual(['a.mask.png', 'a.mask.svg']);
  const paused = await runCommand(folder, 'queue', 'pause', ...at);
  expect(paused.stdout).toContain('test: 0 workers, paused');
});

test('no queue there', async () => {
  const { code, stderr } = await runCommand(folder, 'queue', '--queue', 'redis://127.0.0.1:1');
  expect([code, stderr]).toEqual([1, expect.stringContaining('redis://127.0.0.1:1 does not answer')]);
});
