import { open, rename, rm, stat } from 'node:fs/promises';
import { AtrousError } from '@atrous/tensor';
import type { ByteSource } from './bytes.ts';
import type { Encoded } from './safetensors.ts';

/** A file on disk. It is opened for each read, so nothing has to be closed. @throws AtrousError `not-found` */
export async function fileBytes(path: string): Promise<ByteSource> {
  const found = await stat(path).catch((cause) => {
    throw new AtrousError('not-found', `${path}: no such file`, { cause });
  });
  if (!found.isFile()) throw new AtrousError('input', `${path}: not a file`);
  return {
    name: path,
    size: found.size,
    async read(offset, length) {
      const handle = await open(path);
      try {
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      } finally {
        await handle.close();
      }
    },
  };
}

/** Writes an encoded file piece by piece, under a temporary name until it is whole. */
export async function writePieces(path: string, { pieces }: Pick<Encoded, 'pieces'>): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  const handle = await open(partial, 'w');
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.close();
    await rename(partial, path);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}
