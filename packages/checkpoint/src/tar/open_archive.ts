import { AtrousError } from '@atrous/tensor';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { filesBeside, mainFile } from '../main_file.ts';
import type { ModelFiles } from '../model_files.ts';
import { formatOf, openCheckpoint } from '../open.ts';
import { sliceOf } from '../zip/open_zip.ts';
import { readEntries } from './entries.ts';
import { gunzip } from './gunzip.ts';
import { blockSize, isHeader } from './header.ts';

/**
 * The files of a tar archive, packed by gzip or not, as those of a folder. A packed one is unpacked once, whole; what is
 * read of it lies there.
 * @throws AtrousError `format`
 */
export async function archiveFiles(bytes: ByteSource): Promise<ModelFiles> {
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
  const entries = await readEntries(archive, fail);
  return {
    names: [...entries.keys()],
    async open(name) {
      const entry = entries.get(name);
      return entry && sliceOf(archive, entry.begin, entry.size, `${bytes.name}/${name}`);
    },
  };
}

/**
 * Opens the checkpoint in an archive, as in those of TensorFlow's model zoo: a frozen graph, or an index and its data.
 * @throws AtrousError `format` that lists what is in it where none is a checkpoint
 */
export async function openArchive(bytes: ByteSource): Promise<Checkpoint> {
  const files = await archiveFiles(bytes);
  const name = mainFile(files.names, bytes.name);
  const main = await files.open(name);
  if (!main) throw new AtrousError('format', `${bytes.name}: ${name} is missing`);
  if ((await formatOf(main))?.isArchive)
    throw new AtrousError('format', `${main.name}: an archive inside an archive: unpack it first`);
  return openCheckpoint(main, { files: filesBeside(files, name) });
}
