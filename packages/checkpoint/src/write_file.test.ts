import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removePartialFiles, writePieces, writeWhole } from './write_file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-write-'));
});
afterEach(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const text = (name: string) => readFile(at(name), 'utf8');

test('until a file is whole, its name holds what was there before', async () => {
  await writeWhole(at('a'), 'old');
  const seen: unknown[] = [];
  await writePieces(at('a'), {
    pieces: (async function* () {
      yield new TextEncoder().encode('ne');
      seen.push(await text('a'), (await readdir(folder)).length);
      yield new TextEncoder().encode('w');
    })(),
  });
  expect(seen).toEqual(['old', 2]);
  expect([await text('a'), await readdir(folder)]).toEqual(['new', ['a']]);
});

test('a write that fails leaves the old file, and nothing else', async () => {
  await writeWhole(at('a'), 'old');
  const failing = (async function* () {
    yield Uint8Array.of(2);
    throw new Error('no more');
  })();
  await expect(writePieces(at('a'), { pieces: failing })).rejects.toThrow('no more');
  expect([await text('a'), await readdir(folder)]).toEqual(['old', ['a']]);
});

test('a process that ends removes what is half written', async () => {
  let hidden: string[] = [];
  const writing = writePieces(at('a'), {
    pieces: (async function* () {
      yield Uint8Array.of(1);
      removePartialFiles();
      hidden = await readdir(folder);
    })(),
  });
  await expect(writing).rejects.toMatchObject({ code: 'input' }); // nothing is left to be renamed
  expect(hidden).toEqual([]);
});

test('folders on the way are made, the longest name has room', async () => {
  const name = `${'n'.repeat(251)}.png`;
  await writeWhole(at(`b/c/${name}`), 'x');
  expect(await readdir(at('b/c'))).toEqual([name]);
});

test('a link stays one: the file that it names is replaced', async () => {
  await mkdir(at('far'));
  await writeFile(at('far/a'), 'old');
  await symlink(join('far', 'a'), at('link'));
  await writeWhole(at('link'), 'new');
  expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
  expect(await text('far/a')).toBe('new');
});

test('what cannot be written says why', async () => {
  await writeFile(at('a'), '');
  await expect(writeWhole(folder, 'x')).rejects.toMatchObject({
    code: 'input',
    message: `${folder}: a folder; expected the name of a file`,
  });
  await expect(writeWhole(at('a/b/c'), 'x')).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining('a file; expected a folder'),
  });
});

// a pipe of its own, never a device of the system: a broken write would replace what it was given
test.skipIf(process.platform === 'win32')('a pipe is written as it is', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const [read] = await Promise.all([text('pipe'), writeWhole(at('pipe'), 'through')]);
  expect(read).toBe('through');
  expect((await lstat(at('pipe'))).isFIFO()).toBe(true);
  expect(await readdir(folder)).toEqual(['pipe']);
});
