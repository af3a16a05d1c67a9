import {
  archiveFiles,
  type ByteSource,
  baseName,
  blobBytes,
  fileListFiles,
  filesBeside,
  formatOf,
  type ModelFiles,
  mainFile,
  piecesOf,
} from '@atrous/checkpoint';
import { AtrousError } from '@atrous/tensor';
import { loadCheckpoint } from '@atrous/zoo';
import { type About, aboutModel, expectMasks } from './about.ts';

/** A checkpoint that was looked at. */
export interface Seen {
  readonly about: About;
  /** The file that it is opened by and those that it names, by their names from its folder; of an archive unpacked. */
  readonly files: readonly File[];
}

/** How far a file was read, in bytes. */
export type Report = (loaded: number, total: number) => void;

/** Files that somebody gave, or those of the archive that somebody gave. */
interface Given {
  readonly name: string;
  readonly isArchive?: boolean;
  readonly files: ModelFiles;
  take(name: string): Promise<File>;
}

/**
 * Finds out which network is in files that somebody gave, by their headers.
 * @throws AtrousError that says what is missing where it gives no masks
 */
export async function lookAt(files: readonly File[], report: Report): Promise<Seen> {
  const given = (await openArchive(files, report)) ?? chosen(files);
  const main = mainFile(given.files.names, given.name);
  const { beside, used } = watched(filesBeside(given.files, main));
  const bytes = await given.files.open(main);
  const format = bytes && (await formatOf(bytes));
  if (!bytes || !format) throw stranger(main);

  const file = files.length === 1 ? given.name : baseName(main);
  const model = await loadCheckpoint(bytes, {}, beside).catch((error) => {
    // whose names these are is found without the file's
    throw error.code === 'weights' ? new AtrousError('weights', `${file}: ${error.message}`) : error;
  });
  expectMasks(model, file);
  const folder = main.slice(0, main.length - baseName(main).length);
  const taken = [main, ...[...used].map((name) => folder + name)];
  const aside = given.files.names.filter((name) => !taken.includes(name));
  return {
    about: await aboutModel(model, {
      file,
      format: given.isArchive ? `${main}, ${format.name}` : format.name,
      aside,
    }),
    files: await Promise.all(
      taken.map(async (name) => new File([await given.take(name)], name.slice(folder.length))),
    ),
  };
}

function chosen(files: readonly File[]): Given {
  return {
    name: files.length === 1 ? files[0].name : `${files.length} files`,
    files: fileListFiles(files),
    take: async (name) => files.find((file) => file.name === name) ?? new File([], name),
  };
}

/** Undefined where it is none. */
async function openArchive(files: readonly File[], report: Report): Promise<Given | undefined> {
  const [file] = files;
  const isArchive = files.length === 1 && (await formatOf(blobBytes(file, file.name)))?.isArchive;
  if (!isArchive) return undefined;
  const inside = await archiveFiles(reported(blobBytes(file, file.name), report));
  return {
    name: file.name,
    isArchive: true,
    files: inside,
    async take(name) {
      const bytes = await inside.open(name);
      const pieces: BlobPart[] = [];
      if (bytes)
        for await (const piece of piecesOf(bytes, 1 << 24)) pieces.push(new Blob([piece as BlobPart]));
      return new File(pieces, name);
    },
  };
}

/** Files, with the names of those that were opened. */
function watched(files: ModelFiles): { readonly beside: ModelFiles; readonly used: ReadonlySet<string> } {
  const used = new Set<string>();
  const beside: ModelFiles = {
    names: files.names,
    async open(name) {
      const bytes = await files.open(name);
      if (bytes) used.add(name);
      return bytes;
    },
  };
  return { beside, used };
}

function reported(bytes: ByteSource, report: Report): ByteSource {
  return {
    ...bytes,
    read(offset, length) {
      report(offset + length, bytes.size);
      return bytes.read(offset, length);
    },
  };
}

const stranger = (name: string): AtrousError =>
  new AtrousError(
    'format',
    `${name}: expected pictures, a video or a model's files, and this is of no kind that is known`,
  );
