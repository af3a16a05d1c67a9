import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors } from '@atrous/checkpoint';
import { writePieces } from '@atrous/checkpoint/node';
import { filledModel } from '@atrous/golden';
import { findNetwork, type NetworkOptions } from '@atrous/zoo';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runCommand } from './test_command.ts';

let folder = '';
const at = (name: string) => join(folder, name);

async function picture(name: string, seed: number): Promise<void> {
  await mkdir(join(at(name), '..'), { recursive: true });
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * seed) % 256);
  await writeFile(at(name), encode({ width: 40, height: 30, data, channels: 3 }));
}

/** A checkpoint of generated weights under our own names. */
async function checkpoint(name: string, network: string, options: NetworkOptions = {}): Promise<void> {
  const { weights } = filledModel((await findNetwork(network, options)).graph);
  await writePieces(at(name), encodeSafetensors(weights));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-encode-'));
  await picture('in/a.png', 37);
  await picture('in/b/c.png', 11);
  await writeFile(at('in/notes.jpg'), 'these are notes');
  await checkpoint('faces.safetensors', 'tiny-xception-faces');
  await checkpoint('small.safetensors', 'xception39', { classes: 1000 });
});
afterAll(() => rm(folder, { recursive: true }));

const wasm = ['--runtime', 'wasm', '--threads', '1'];
const run = (...args: string[]): Promise<Outcome> => runCommand(folder, ...args, ...wasm);

describe('atrous classify', () => {
  const small = ['--model', 'small.safetensors', '--network', 'xception39'];

  test('names the likeliest classes of every picture; what cannot be read is listed', async () => {
    const { code, stdout, stderr } = await run('classify', 'in', ...small, '--top', '2', '--json');
    expect([code, stderr]).toEqual([1, expect.stringContaining('in/notes.jpg failed')]);
    const { network, files, failed } = JSON.parse(stdout);
    expect([network, failed.length]).toEqual(['xception39', 1]);
    expect(files.map(({ input }: { input: string }) => input)).toEqual(['in/a.png', 'in/b/c.png']);
    for (const { classes } of files) {
      expect(classes).toHaveLength(2);
      expect(classes[0].score).toBeGreaterThanOrEqual(classes[1].score);
      expect(classes[0].name).toMatch(/[a-z]{3}/);
    }
  });

  test('shows the numbers of networks that answer something else', async () => {
    const faces = ['--model', 'faces.safetensors', '--network', 'tiny-xception-faces'];
    const { code, stdout } = await run('classify', 'in/a.png', ...faces);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^tiny-xception-faces \(atrous\) on wasm \(asked for\)\n\nin\/a\.png\n +age +\S+\n +gender +\S+ +\S+\n$/,
    );
  });

  test('says before any picture what a model cannot do', async () => {
    const { code, stdout, stderr } = await run('classify', 'in/a.png', '--model', 'people');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('deeplabv3plus-xception-middle labels pixels, it does not classify pictures');
    expect((await run('classify', 'in/a.png')).stderr).toContain("required option '--model <name>'");
  });
});

describe('atrous embed', () => {
  test('writes a NumPy file, and the paths beside it', async () => {
    const { code, stdout } = await run('embed', 'in/a.png', 'in/b', '--save', 'out/e.npy', '--json');
    const { saved, length, files } = JSON.parse(stdout);
    expect([code, saved, files.length]).toEqual([0, ['out/e.npy', 'out/e.txt'], 2]);
    const file = await readFile(at('out/e.npy'));
    const start = 10 + file.readUInt16LE(8);
    expect(file.toString('latin1', 0, start)).toContain(`'shape': (2, ${length}), }`);
    expect(file.length).toBe(start + 2 * length * 4);
    expect(await readFile(at('out/e.txt'), 'utf8')).toBe('in/a.png\nin/b/c.png\n');
  });

  test('writes JSON lines, normalised where that is asked for', async () => {
    const { code } = await run('embed', 'in/b', '--save', 'e.jsonl', '--normalize');
    const [line, end] = (await readFile(at('e.jsonl'), 'utf8')).split('\n');
    const { path, embedding } = JSON.parse(line);
    expect([code, path, end]).toEqual([0, 'in/b/c.png', '']);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
  });

  test('refuses endings that it does not know, and to write over a picture', async () => {
    expect((await run('embed', 'in', '--save', 'e.csv')).stderr).toContain('ends in .npy or .jsonl');
    await picture('list.txt', 5);
    const { code, stderr } = await run('embed', 'list.txt', '--save', 'list.npy');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('list.txt would overwrite the input list.txt'),
    ]);
  });
});
