import { AtrousError } from '@atrous/tensor';
import { clip } from '../brief.ts';
import { type ByteSource, memoryBytes, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { localHeaderSize, readDirectory, type ZipEntry } from './directory.ts';
import { inflate } from './inflate.ts';

/** A zip archive: only its directory is in memory. */
export interface ZipArchive {
  /** By name, e.g. `archive/data.pkl`. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /**
   * A file of it: read where it lies if it is stored, unpacked whole if it is deflated. Checksums are not looked at:
   * PyTorch can write them wrong on purpose, and a tensor is read without the rest of its file.
   * @throws AtrousError `format`
   */
  open(entry: ZipEntry): Promise<ByteSource>;
}

const localMark = 0x04034b50;

/** Opens a zip archive. @throws AtrousError `format` for one that is damaged, encrypted or of several disks */
export async function openZip(bytes: ByteSource): Promise<ZipArchive> {
  const fail: Fail = (why) => {
    throw new AtrousError('format', `${bytes.name}: not a sound zip archive: ${why}`);
  };
  const entries = await readDirectory(bytes, fail);

  /** Where an entry's bytes begin: its local header has lengths of its own. */
  const dataAt = async ({ name, headerAt, packedSize }: ZipEntry): Promise<number> => {
    const header = await readExactly(bytes, headerAt, localHeaderSize);
    const view = new DataView(header.buffer, header.byteOffset, localHeaderSize);
    if (view.getUint32(0, true) !== localMark) fail(`${clip(name)} does not begin at byte ${headerAt}`);
    const begin = headerAt + localHeaderSize + view.getUint16(26, true) + view.getUint16(28, true);
    if (begin + packedSize > bytes.size) fail(`${clip(name)} ends past the end of the file`);
    return begin;
  };
  return {
    entries,
    async open(entry) {
      const begin = await dataAt(entry);
      const name = `${bytes.name}/${entry.name}`;
      if (entry.method === 0) return sliceOf(bytes, begin, entry.size, name);
      return memoryBytes(
        await inflate(await readExactly(bytes, begin, entry.packedSize), entry.size, name),
        name,
      );
    },
  };
}

/** A part of a file as a file. */
export function sliceOf(bytes: ByteSource, begin: number, size: number, name: string): ByteSource {
  return {
    name,
    size,
    read: (offset, length) => bytes.read(begin + offset, Math.max(0, Math.min(length, size - offset))),
  };
}
