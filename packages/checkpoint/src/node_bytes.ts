import { open, stat } from 'node:fs/promises';
import { AtrousError } from '@atrous/tensor';
import type { ByteSource } from './bytes.ts';

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
