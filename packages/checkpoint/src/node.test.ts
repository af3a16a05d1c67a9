import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor } from '@atrous/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readExactly } from './bytes.ts';
import { fileBytes, folderFiles, makeFolder, siblingFiles, writePieces } from './node.ts';
import { openSafetensors, toSafetensors } from './safetensors.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function* pieces(...all: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all;
}

test('a file is read where it is asked for', async () => {
  const path = join(folder, 'a.safetensors');
  await writePieces(path, {
    pieces: pieces(await toSafetensors({ a: tensor('int8', [2], Int8Array.of(-1, 5)) })),
  });
  const weights = await openSafetensors(await fileBytes(path));
  expect([...(await weights.read('a')).data]).toEqual([-1, 5]);
});

test('what is not there, and a read past the end, are errors', async () => {
  await expect(fileBytes(join(folder, 'missing'))).rejects.toMatchObject({ code: 'not-found' });
  await expect(fileBytes(folder)).rejects.toMatchObject({ code: 'input' });
  const path = join(folder, 'short.bin');
  await writePieces(path, { pieces: pieces(Uint8Array.of(1, 2, 3)) });
  await expect(readExactly(await fileBytes(path), 1, 3)).rejects.toMatchObject({ code: 'format' });
});

test('files of a folder are found by name, and none outside of it', async () => {
  const inner = join(folder, 'shards');
  await makeFolder(join(inner, 'variables'));
  for (const name of ['a.bin', 'variables/b.bin', '../outside.bin'])
    await writePieces(join(inner, name), { pieces: pieces(Uint8Array.of(7)) });
  const files = await siblingFiles(join(inner, 'a.bin'));
  expect(files.names).toEqual(['a.bin']);
  expect((await files.open('variables/b.bin'))?.size).toBe(1);
  for (const name of ['missing.bin', '../outside.bin', join(folder, 'outside.bin'), 'variables/../a.bin'])
    expect(await files.open(name), name).toBeUndefined();
  await expect(folderFiles(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' });
});
