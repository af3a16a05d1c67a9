import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { tinyModel } from '@atrous/golden';
import { decodeLabelPng } from '@atrous/mask';
import { afterAll, expect, test } from 'vitest';
import { optionalPackage } from './optional_package.ts';
import { outcomeOf, runCommand, start } from './test_command.ts';

const model = tinyModel();
afterAll(() => rmSync(model, { recursive: true }));

test('serve prints its address, answers, logs in JSON, and ends well at SIGTERM', async () => {
  const child = start(tmpdir(), [
    'serve',
    '--model',
    model,
    '--port',
    '0',
    '--max-megapixels',
    '0.5',
    '--json',
  ]);
  const outcome = outcomeOf(child);
  const [line] = await once(child.stdout!, 'data');
  const { url, runtime } = JSON.parse(line);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(runtime).toBeTruthy();
  const body = readFileSync(fileURLToPath(new URL('../examples/astronaut.png', import.meta.url)));
  const headers = { 'content-type': 'image/png' };
  const response = await fetch(`${url}/segment`, { method: 'POST', body, headers });
  expect(decodeLabelPng(new Uint8Array(await response.arrayBuffer()), 'mask').width).toBe(512);
  expect(await (await fetch(`${url}/model`)).json()).toMatchObject({ limits: { maxPixels: 500_000 } });
  child.kill('SIGTERM');
  const { code, stderr } = await outcome;
  expect(code).toBe(0);
  expect(stderr).toContain('"url":"/segment","status":200');
  expect(stderr).toContain('atrous: stops: what was taken is answered');
});

test('an address that is taken', async () => {
  const { code, stderr } = await runCommand(
    tmpdir(),
    'serve',
    '--model',
    model,
    '--host',
    '192.0.2.1',
    '--port',
    '1',
  );
  expect([code, stderr]).toEqual([1, expect.stringContaining('192.0.2.1:1 cannot be listened on')]);
});

test('a package that is not installed is named with the line that installs it', async () => {
  const missing = '@atrous/not-there';
  await expect(optionalPackage(missing, () => import(missing))).rejects.toThrow(
    'this needs @atrous/not-there, which is not installed: run "npm install @atrous/not-there"',
  );
});
