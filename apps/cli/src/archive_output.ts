import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { makeFolder, writePieces, writeWhole } from '@atrous/checkpoint/node';
import { AtrousError } from '@atrous/tensor';
import { makeZip } from 'client-zip';
import { createTarPacker } from 'modern-tar';
import { openArchive } from './archive_pictures.ts';
import { manifestName } from './resume.ts';

/** A file of results, by its name in the archive. */
interface PackedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Equal results are equal archives: every file has the first time that its format knows. */
const noTime = { zip: new Date(1980, 0, 1), tar: new Date(0) } as const;

const formats = {
  /** Stored: PNGs do not shrink. */
  zip: (files: AsyncIterable<PackedFile>) =>
    makeZip(
      (async function* () {
        for await (const { name, bytes } of files) yield { name, input: bytes, lastModified: noTime.zip };
      })(),
    ),
  tar(files: AsyncIterable<PackedFile>) {
    const { readable, controller } = createTarPacker();
    const fill = async () => {
      for await (const { name, bytes } of files) {
        const writer = controller.add({ name, size: bytes.byteLength, mtime: noTime.tar }).getWriter();
        await writer.write(bytes);
        await writer.close();
      }
      controller.finalize();
    };
    fill().catch((error) => controller.error(error));
    return readable;
  },
} as const;

function formatOf(path: string): keyof typeof formats | undefined {
  const ending = /\.(zip|tar)$/i.exec(path)?.[1].toLowerCase();
  return ending as keyof typeof formats | undefined;
}

/** Where results of a run are written. */
export interface OutputPlace {
  readonly folder: string;
  /** The archive that they come into in the end. */
  readonly archive?: string;
  /** Before the first is written. @throws AtrousError `input` where something is in the way */
  begin(): Promise<void>;
  /** When all are written: their paths, in the order of the archive. */
  finish(files: readonly string[]): Promise<void>;
  /** Whatever became of the run. */
  end(): Promise<void>;
}

/**
 * The folder `-o` names, or a folder beside the archive that it names, `NAME.zip.partial`. That is gone when the archive is written; where a
 * run may go on with it, it stays until then.
 * @throws AtrousError `input` for an archive of another format
 */
export function outputPlace(output: string, mayGoOn: boolean): OutputPlace {
  const format = formatOf(output);
  if (/\.(tgz|gz|bz2|xz|zst|7z|rar)$/i.test(output))
    throw new AtrousError('input', `${output}: results go into a folder, a .zip or a .tar`);
  const nothing = async () => {};
  if (!format) return { folder: output, begin: () => makeFolder(output), finish: nothing, end: nothing };
  const folder = `${output}.partial`;
  let isOurs = false;
  let isPacked = false;
  return {
    folder,
    archive: output,
    async begin() {
      const names: string[] = await readdir(folder).catch(() => []);
      if (names.length > 0 && !(mayGoOn && names.includes(manifestName))) {
        throw new AtrousError(
          'input',
          `${folder}: in the way, left by a run that ended early: go on with it by --resume if it had that, or remove it`,
        );
      }
      isOurs = true;
      if (mayGoOn && names.length === 0) await gatherAgain(output, folder);
      await makeFolder(folder);
    },
    async finish(files) {
      const names = files.map((file) => relative(folder, file).split(sep).join('/'));
      await pack(output, format, folder, mayGoOn ? [...names, manifestName] : names);
      isPacked = true;
    },
    async end() {
      if (isOurs && (isPacked || !mayGoOn)) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whole, or not at all. */
async function pack(
  archive: string,
  format: keyof typeof formats,
  folder: string,
  names: readonly string[],
): Promise<void> {
  async function* files() {
    for (const name of names) yield { name, bytes: await readFile(join(folder, name)) };
  }
  await writePieces(archive, { pieces: formats[format](files()) });
}

/** Unpacks the archive of an earlier run that kept a manifest, for one that goes on with it. */
async function gatherAgain(archive: string, folder: string): Promise<void> {
  const found = await stat(archive).catch(() => undefined);
  if (!found?.isFile()) return;
  const { files } = await openArchive(archive);
  if (!files.some(({ name }) => name === manifestName)) return;
  // under another name until it is whole: a run that is killed meanwhile starts over
  const begun = await mkdtemp(join(dirname(folder), '.atrous-'));
  try {
    for (const { name, bytes } of files) await writeWhole(join(begun, name), await bytes());
    await rm(folder, { recursive: true, force: true }); // it is empty
    await rename(begun, folder);
  } catch (error) {
    await rm(begun, { recursive: true, force: true });
    throw error;
  }
}
