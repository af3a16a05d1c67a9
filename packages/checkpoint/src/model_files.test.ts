import { expect, test } from 'vitest';
import { baseName, fileListFiles, isNameBelow } from './model_files.ts';

test('files that were chosen are found by name', async () => {
  const files = fileListFiles([new File(['abc'], 'model.bin'), new File([''], 'index.json')]);
  expect(files.names).toEqual(['model.bin', 'index.json']);
  expect(await files.open('model.bin')).toMatchObject({ name: 'model.bin', size: 3 });
  expect(await files.open('other.bin')).toBeUndefined();
});

test('files of a folder that was dropped are named from inside it', async () => {
  const file = new File(['abc'], 'b.bin');
  Object.defineProperty(file, 'webkitRelativePath', { value: 'model/variables/b.bin' });
  const files = fileListFiles([file]);
  expect(files.names).toEqual(['variables/b.bin']);
  expect((await files.open('variables/b.bin'))?.size).toBe(3);
});

test('a name stays below its folder, or is none', () => {
  for (const name of ['a', 'a.bin', 'variables/a.data-00000-of-00001', '..a'])
    expect(isNameBelow(name)).toBe(true);
  for (const name of [
    '',
    '/a',
    'a/',
    'a//b',
    '..',
    '../a',
    'a/../b',
    './a',
    'C:a',
    '..\\a',
    'a\0',
    'https://a/b',
  ])
    expect(isNameBelow(name), name).toBe(false);
});

test('the last part of a path is its name', () => {
  expect(['a', '/b/a', 'C:\\b\\a', 'https://b/a'].map(baseName)).toEqual(['a', 'a', 'a', 'a']);
});
