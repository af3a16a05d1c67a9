import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { archiveFiles } from '@atrous/checkpoint';
import { fileBytes } from '@atrous/checkpoint/node';
import { AtrousError } from '@atrous/tensor';

/** A file in an archive. */
export interface ArchivedFile {
  /** Its path there, with `/` between folders. */
  readonly name: string;
  /** Its bytes, unpacked. @throws AtrousError `format` for what is damaged, `input` for what is too large */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Archive {
  readonly files: readonly ArchivedFile[];
  /** Names that lead out of it, which are not read. */
  readonly outside: readonly string[];
}

export const isArchiveName = (name: string): boolean => /\.(zip|tar|tar\.gz|tgz)$/i.test(name);

/** The most bytes of a picture in an archive: 256 MiB, as of one over HTTP. */
const largestPicture = 2 ** 28;
/** What is packed as a whole is unpacked as a whole, in memory: 1 GiB. */
const largestPacked = 2 ** 30;

/**
 * What a zip or tar archive on disk holds. Files are read from inside it, one at a time; hidden ones, and what macOS adds, are passed over.
 * @throws AtrousError `format` for a damaged one
 */
export async function openArchive(path: string): Promise<Archive> {
  const { size } = await stat(path);
  if (/gz$/i.test(path) && size > largestPacked) {
    throw new AtrousError(
      'input',
      `${path}: ${size} bytes packed by gzip, which are unpacked in memory: expected at most ${largestPacked}; unpack it to a .tar first`,
    );
  }
  const { entries, outside, open } = await archiveFiles(await fileBytes(path));
  const shown = [...entries.keys()].filter((name) =>
    name.split('/').every((part) => !part.startsWith('.') && part !== '__MACOSX'),
  );
  const bytesOf = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
    const { size, crc32: expected } = entries.get(name)!;
    if (size > largestPicture) {
      throw new AtrousError(
        'input',
        `${path}/${name}: unpacks to ${size} bytes: expected at most ${largestPicture}; unpack it first if that is right`,
      );
    }
    const file = (await open(name))!;
    const bytes = (await file.read(0, size)) as Uint8Array<ArrayBuffer>;
    const isWhole = bytes.byteLength === size;
    // Node before 20.15 has no checksum
    if (isWhole && (expected === undefined || !crc32 || crc32(bytes) === expected)) return bytes;
    throw new AtrousError('format', `${path}/${name}: damaged in the archive: pack it again`);
  };
  const files = shown.sort().map((name) => ({ name, bytes: () => bytesOf(name) }));
  return { files, outside };
}
