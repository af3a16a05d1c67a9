/** What the README and the page on fleets show, as somebody would run it who copies it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tinyModel } from '@atrous/golden';
import { Segmenter } from '@atrous/segmenter';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { enqueue, settingsOf } from './index.ts';
import { filesBelow, png } from './test_fleet.ts';
import { freePort, listening, needsRedis, redisServer, startRedis, type TestRedis } from './test_redis.ts';

const home = fileURLToPath(new URL('../', import.meta.url));
const guide = join(home, '../../apps/docs/src/content/docs/guides/fleet.mdx');
const blocksOf = async (file: string, language: string): Promise<string[]> => {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , code]) => code);
};
const readme = join(home, 'README.md');

/** The code with other words in it: each must be there. */
function withWords(code: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, code);
}

describe.skipIf(!redisServer)(`the README's programs${needsRedis}`, () => {
  let folder = '';
  let redis: TestRedis;
  beforeAll(async () => {
    await mkdir(join(home, '.generated'), { recursive: true });
    folder = await mkdtemp(join(home, '.generated', 'readme-')); // where the package's dependencies are found
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  function start(file: string): ChildProcess {
    const args = ['--conditions=@atrous/source', '--disable-warning=ExperimentalWarning', file];
    return spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }
  const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  test("a worker in a program of one's own", async () => {
    const [code] = await blocksOf(readme, 'ts');
    const [photos, masks] = ['photos', 'masks'].map((name) => join(folder, name));
    await mkdir(photos);
    for (const seed of [1, 2, 3]) await writeFile(join(photos, `${seed}.png`), png(seed));
    await writeFile(join(photos, '4.png'), 'no picture');
    await writeFile(
      join(folder, 'program.ts'),
      withWords(code, {
        'redis://127.0.0.1:6379': redis.url,
        '/mnt/photos': photos,
        '/mnt/masks': masks,
      }),
    );
    const program = start('program.ts');
    const [said, complaints, [status]] = await Promise.all([
      textOf(program.stdout!),
      textOf(program.stderr!),
      once(program, 'exit'),
    ]);
    expect([complaints, status]).toEqual(['', 0]);
    expect(filesBelow(masks).map((name) => name.replace(/[0-9a-f]{16}/, '…'))).toEqual(
      ['1', '2', '3'].flatMap((name) => [`${name}.….mask.png`, `${name}.….overlay.png`]),
    );
    expect(said).toContain("key: '4.png'");
  });

  test('a dashboard of the queue', async () => {
    const [code] = await blocksOf(readme, 'js');
    const port = await freePort();
    const words = { 'redis://127.0.0.1:6379': redis.url, 'port: 3001': `port: ${port}` };
    await writeFile(join(folder, 'dashboard.mjs'), withWords(code, words));
    const program = start('dashboard.mjs');
    try {
      await listening(port);
      const page = await fetch(`http://127.0.0.1:${port}/`);
      expect([page.status, page.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/html'),
      ]);
      const script = /src="([^"]+\.js)"/.exec(await page.text())![1];
      expect((await fetch(new URL(script, page.url))).status).toBe(200);
      const { queues } = (await (await fetch(`http://127.0.0.1:${port}/api/queues`)).json()) as {
        queues: { name: string }[];
      };
      expect(queues).toEqual([expect.objectContaining({ name: 'atrous' })]);
    } finally {
      program.kill();
      await once(program, 'exit');
    }
  });

  test('the lists that KEDA reads are as long as what waits', async () => {
    const [text] = await blocksOf(guide, 'yaml');
    const { kind, spec } = parse(text);
    expect(kind).toBe('ScaledObject');
    const lists = spec.triggers.map(
      ({ type, metadata }: { type: string; metadata: Record<string, string> }) => {
        expect([type, Number(metadata.listLength) > 0]).toEqual(['redis', true]);
        return metadata.listName;
      },
    );
    const model = tinyModel();
    const segmenter = await Segmenter.load(model, { runtime: 'wasm', threads: 1 });
    const settings = await settingsOf(segmenter, model, ['mask']);
    const from = join(folder, 'waiting');
    await mkdir(from);
    for (const seed of [1, 2]) await writeFile(join(from, `${seed}.png`), png(seed));
    const job = { queue: redis.url, from, settings };
    await enqueue({ ...job, to: join(folder, 'later') });
    await enqueue({ ...job, to: join(folder, 'soon'), priority: 1 });
    const client = new Redis(redis.url);
    expect(await Promise.all([client.llen(lists[0]), client.zcard(lists[1])])).toEqual([2, 2]);
    client.disconnect();
    await segmenter.dispose();
    await rm(model, { recursive: true });
  });
});
