import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Manifest, manifestName, openManifest } from './resume.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-manifest-'));
  await mkdir(join(folder, 'a'));
  for (const name of ['a/1', '2', '3']) await writeFile(join(folder, `${name}.mask.png`), name);
});
afterEach(() => rm(folder, { recursive: true }));

const open = (settings = 'these') => openManifest<number>(folder, settings);
const picture = (name: string, content = `content of ${name}`) => ({
  name,
  from: `../in/${name}.png`,
  content,
});
const files = (name: string) => [join(folder, `${name}.mask.png`)];
async function addAll(manifest: Manifest<number>): Promise<void> {
  for (const [i, name] of ['a/1', '2', '3'].entries())
    await manifest.add({ ...picture(name), files: files(name), facts: i });
}
const found = async (manifest: Manifest<number>) =>
  Promise.all(['a/1', '2', '3'].map((name) => manifest.find(picture(name))));
const path = () => join(folder, manifestName);

test('what was done is found by the next run, whether the last one came to its end or not', async () => {
  const first = await open();
  expect(await found(first)).toEqual([undefined, undefined, undefined]);
  await addAll(first);
  expect(await found(await open())).toEqual([0, 1, 2]);
});

test('not what is another picture now, lies elsewhere, or lacks a file or a part of one', async () => {
  await addAll(await open());
  const manifest = await open();
  expect(await manifest.find(picture('2', 'another'))).toBeUndefined();
  expect(await manifest.find({ ...picture('2'), from: '../other/2.png' })).toBeUndefined();
  await rm(files('2')[0]);
  await writeFile(files('3')[0], '');
  expect(await found(manifest)).toEqual([0, undefined, undefined]);
});

test('nor what another run has begun to write over', async () => {
  await addAll(await open());
  await (await open()).begin('2');
  expect(await found(await open())).toEqual([0, undefined, 2]);
});

test('of a line that was cut off nothing counts, of other settings none', async () => {
  await addAll(await open());
  const text = await readFile(path(), 'utf8');
  await writeFile(path(), text.slice(0, -10));
  const cut = await open();
  expect(await found(cut)).toEqual([0, 1, undefined]);
  await cut.add({ ...picture('3'), files: files('3'), facts: 7 }); // begins a line of its own
  expect(await found(await open())).toEqual([0, 1, 7]);
  expect(await found(await open('others'))).toEqual([undefined, undefined, undefined]);
  expect(await found(await open())).toEqual([undefined, undefined, undefined]);
});

test.each([
  '',
  'not ours',
  '{"settings":"these"}\nnull\n[]\n7\n{"name":5}\n{"name":"2","files":{}}\n',
  '\0\xff',
])('a file with %j in its place does no harm', async (text) => {
  await writeFile(path(), text);
  const manifest = await open();
  expect(await found(manifest)).toEqual([undefined, undefined, undefined]);
  await addAll(manifest);
  expect(await found(await open())).toEqual([0, 1, 2]);
});

test('at its end it is the same, whatever order pictures were done in', async () => {
  const one = await open();
  await addAll(one);
  await one.finish();
  const first = await readFile(path(), 'utf8');
  await rm(path());
  const other = await open();
  for (const name of ['3', 'a/1', '2', '3'])
    await other.add({ ...picture(name), files: files(name), facts: ['a/1', '2', '3'].indexOf(name) });
  await appendFile(path(), '{"cut');
  await other.finish();
  expect(await readFile(path(), 'utf8')).toBe(first);
});
