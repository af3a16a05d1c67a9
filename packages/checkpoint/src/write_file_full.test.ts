import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { writeWhole } from './write_file.ts';

/** A disk that is full: files are opened, and take nothing. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    async open(...args: Parameters<typeof real.open>) {
      const handle = await real.open(...args);
      handle.writeFile = () => Promise.reject(Object.assign(new Error('ENOSPC: full'), { code: 'ENOSPC' }));
      return handle;
    },
  };
});

test('a full disk is named, the old file stays, and nothing is left beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atrous-full-'));
  const path = join(folder, 'a');
  await writeFile(path, 'old');
  await expect(writeWhole(path, 'new')).rejects.toMatchObject({
    code: 'runtime',
    message: `${path}: not written: no space left on the disk`,
  });
  expect(await readdir(folder)).toEqual(['a']);
  await rm(folder, { recursive: true });
});
