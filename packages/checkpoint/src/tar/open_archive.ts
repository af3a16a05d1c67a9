import { AtrousError } from '@atrous/tensor';
import { type ArchiveFiles, filesOf } from '../archive_files.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { filesBeside, mainFile } from '../main_file.ts';
import { formatOf, openCheckpoint } from '../open.ts';
import { sliceOf } from '../zip/open_zip.ts';
import { readEntries } from './entries.ts';
import { gunzip } from './gunzip.ts';
import { blockSize, isHeader } from './header.ts';

/** Of a model, with its headers of attributes. */
const mostOfModel = 20_000;

/**
 * The files of a tar archive, packed by gzip or not. A packed one is unpacked once, whole; what is read of it lies there.
 * @throws AtrousError `format`
 */
export async function tarFiles(bytes: ByteSource, mostHeaders: number = mostOfModel): Promise<ArchiveFiles> {
  const fail: Fail = (why) => {
    throw new AtrousError('format', `${bytes.name}: not a sound tar archive: ${why}`);
  };
  const isPacked = (await bytes.read(0, 2)).join() === '31,139';
  const archive = isPacked ? await gunzip(bytes) : bytes;
  if (!isHeader(await readExactly(archive, 0, Math.min(blockSize, archive.size))))
    throw new AtrousError(
      'format',
      `${bytes.name}: a gzip file with no tar archive in it: unpack it first, and give the file inside`,
    );
  const entries = await readEntries(archive, mostHeaders, fail);
  return filesOf(entries, async ({ name, begin, size }) =>
    sliceOf(archive, begin, size, `${bytes.name}/${name}`),
  );
}

/**
 * Opens the checkpoint in an archive, as in those of TensorFlow's model zoo: a frozen graph, or an index and its data.
 * @throws AtrousError `format` that lists what is in it where none is a checkpoint
 */
export async function openArchive(bytes: ByteSource): Promise<Checkpoint> {
  const files = await tarFiles(bytes);
  const name = mainFile(files.names, bytes.name);
  const main = await files.open(name);
  if (!main) throw new AtrousError('format', `${bytes.name}: ${name} is missing`);
  if ((await formatOf(main))?.isArchive)
    throw new AtrousError('format', `${main.name}: an archive inside an archive: unpack it first`);
  return openCheckpoint(main, { files: filesBeside(files, name) });
}
