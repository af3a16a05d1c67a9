import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../test_command.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-compare-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('counts, times on each runtime, and a chart', async () => {
  const names = ['mobilenetv2_100', 'xception39'];
  const flags = [
    '--input',
    '64x96',
    '--runs',
    '1',
    '--runtime',
    'wasm,onnx:wasm',
    '--save',
    'chart.svg',
    '--json',
  ];
  const { code, stdout } = await runCommand(folder, 'compare', ...names, ...flags);
  expect(code).toBe(0);
  const { input, networks, times, chart } = JSON.parse(stdout);
  expect({ input, chart }).toEqual({ input: [64, 96], chart: 'chart.svg' });
  expect(networks.map(({ network }: { network: string }) => network)).toEqual(names);
  expect(networks[0]).toMatchObject({ parameters: 3_504_872, published: { top1: 72 } });
  const measured = times.map(({ network, runtime }: Record<string, string>) => `${network} on ${runtime}`);
  expect(measured).toEqual(
    ['wasm', 'onnx:wasm'].flatMap((runtime) => names.map((name) => `${name} on ${runtime}`)),
  );
  for (const { median, runs } of times) expect(runs).toEqual([median]);
  expect(await readFile(join(folder, 'chart.svg'), 'utf8')).toContain('mobilenetv2_100, 3.5 M');
});

test('what cannot be compared is said before anything is written', async () => {
  const outcomes = await Promise.all([
    runCommand(folder, 'compare', 'xception99', '--save', 'a.svg'),
    runCommand(folder, 'compare', '--modules', 'xception'),
    runCommand(folder, 'compare', '--runtime', 'cuda', '--save', 'a.svg'),
  ]);
  expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1]);
  expect(outcomes[0].stderr).toContain('unknown network "xception99"');
  expect(outcomes[1].stderr).toContain('--modules compares no networks');
  expect(outcomes[2].stderr).toContain('unknown runtime "cuda"');
  expect(await readdir(folder)).not.toContain('a.svg');
});
