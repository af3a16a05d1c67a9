import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPictures } from './pictures.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrous-pictures-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
function files(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), '');
  }
}
const namesOf = async (...args: string[]) =>
  (await findPictures(args.map(at))).pictures.map(({ name }) => name);

test('one picture keeps its name alone, wherever it lies', async () => {
  files('far/away/photo.one.jpg');
  expect(await namesOf('far/away/photo.one.jpg')).toEqual(['photo.one']);
});

test('pictures of several folders keep the folders in which they differ', async () => {
  files('a/1.png', 'b/1.png', 'b/c/2.png');
  expect(await namesOf('a/1.png', 'b/1.png')).toEqual(['a/1', 'b/1']);
  expect(await namesOf('b/1.png', 'b/c/2.png')).toEqual(['1', 'c/2']);
  expect(await namesOf('a', 'b')).toEqual(['a/1', 'b/1', 'b/c/2']);
});

test('a folder is all pictures below it, by name; each once', async () => {
  files('p/b.JPG', 'p/a.webp', 'p/x/c.tiff', 'p/x/d.heic', 'p/notes.txt', 'p/.hidden.png', 'p/.x/e.png');
  expect(await namesOf('p', 'p/a.webp')).toEqual(['a', 'b', 'x/c', 'x/d']);
});

test('what earlier runs wrote is skipped and told, unless it is named', async () => {
  files('p/a.png', 'p/a.mask.png', 'p/a.overlay.png', 'p/a.cutout.png');
  const { pictures, skipped } = await findPictures([at('p')]);
  expect(pictures.map(({ name }) => name)).toEqual(['a']);
  expect(skipped).toEqual([at('p/a.cutout.png'), at('p/a.mask.png'), at('p/a.overlay.png')]);
  expect(await namesOf('p/a.mask.png')).toEqual(['a.mask']);
});

test('patterns are matched here when no shell did; folders below their fixed part are kept', async () => {
  files('p/a.png', 'p/x/b.png', 'p/x/c.jpg', 'p/x/b.mask.png');
  expect(await namesOf('p/**/*.png')).toEqual(['a', 'x/b']);
  expect(await namesOf('p/*/*.{png,jpg}')).toEqual(['x/b', 'x/c']);
});

test('a name that looks like a pattern is a file when it is there', async () => {
  files('photo[1].png', 'photo1.png');
  expect(await namesOf('photo[1].png')).toEqual(['photo[1]']);
});

test('links that lead back end, and a folder reached twice is searched once, by its own name', async () => {
  files('p/x/a.png');
  symlinkSync(at('p'), at('p/x/back'));
  symlinkSync(at('p/x'), at('p/again'));
  symlinkSync(at('missing'), at('p/gone.png'));
  expect(await namesOf('p')).toEqual(['x/a', 'gone']);
  expect(await namesOf('p/**/a.png')).toContain('x/a');
});

test('a folder or a pattern without pictures is an error; a missing file is left to its reading', async () => {
  files('p/notes.txt', 'q/a.mask.png');
  await expect(findPictures([at('p')])).rejects.toMatchObject({ code: 'input' });
  await expect(findPictures([at('p/*.png')])).rejects.toThrow('*.png: no pictures found');
  await expect(findPictures([at('q')])).rejects.toThrow('no pictures found, but 1 results of earlier runs');
  expect(await namesOf('none.png')).toEqual(['none']);
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be read does not stop the others', async () => {
  files('p/a.png', 'p/locked/b.png');
  chmodSync(at('p/locked'), 0);
  const { pictures, failed } = await findPictures([at('p')]);
  chmodSync(at('p/locked'), 0o700);
  expect(pictures).toHaveLength(1);
  expect(failed).toMatchObject([{ input: at('p/locked') }]);
});
