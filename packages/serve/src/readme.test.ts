/** The calls that the README and the page on servers show, as a shell would make them, to a server with a model that ships. */
import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeLabelPng } from '@atrous/mask';
import { Segmenter } from '@atrous/segmenter';
import type { FastifyInstance } from 'fastify';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer } from './index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const calls = ['packages/serve/README.md', 'apps/docs/src/content/docs/guides/server.mdx'].flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^curl .*$/gm)].map(([line]) => line),
);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!hasCurl)(`calls by curl${hasCurl ? '' : ' (skipped: needs curl and a shell)'}`, () => {
  let segmenter: Segmenter;
  let server: FastifyInstance;
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'atrous-curl-'));
    copyFileSync(join(root, 'apps/studio/samples/astronaut.jpg'), join(folder, 'photo.jpg'));
    segmenter = await Segmenter.load(join(root, 'packages/model-people-small'), {
      runtime: 'wasm',
      threads: 1,
    });
    server = await createServer(segmenter);
    await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await server.close();
    await segmenter.dispose();
    rmSync(folder, { recursive: true });
  });

  /** What is written and what is printed. */
  async function shell(line: string) {
    const { port } = server.server.address() as { port: number };
    expect(line).toContain('localhost:8080/');
    const call = line
      .replace('curl ', 'curl --silent --show-error --fail ')
      .replace('localhost:8080', `127.0.0.1:${port}`);
    const before = new Set(readdirSync(folder));
    const { stdout } = await promisify(execFile)('sh', ['-c', call], { cwd: folder });
    const [name] = readdirSync(folder).filter((file) => !before.has(file));
    return { stdout, name, bytes: name ? readFileSync(join(folder, name)) : undefined };
  }

  test('there are some', () => {
    expect(calls.length).toBeGreaterThan(3);
  });

  test.each(calls)('%s', async (line) => {
    const { stdout, name, bytes } = await shell(line);
    if (!bytes) {
      expect(JSON.parse(stdout).annotations.length).toBeGreaterThan(0);
      return;
    }
    expect(stdout).toBe('');
    const photo = await sharp(join(folder, 'photo.jpg')).metadata();
    const { width, height, channels } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([photo.width, photo.height]);
    if (name.endsWith('.mask.png')) expect(new Set(decodeLabelPng(bytes, name).data).size).toBeGreaterThan(1);
    else expect(channels).toBe(name.startsWith('cut') ? 4 : 3);
  });
});
