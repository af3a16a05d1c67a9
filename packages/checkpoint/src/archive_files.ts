import type { ByteSource } from './bytes.ts';
import { isNameBelow, type ModelFiles } from './model_files.ts';

/** What an archive says of a file in it. */
export interface ArchiveEntry {
  /** Unpacked, in bytes. */
  readonly size: number;
  /** Of what it unpacks to; only zip archives say it, and it is not compared here. */
  readonly crc32?: number;
}

/** The files of an archive, by name. */
export interface ArchiveFiles extends ModelFiles {
  readonly entries: ReadonlyMap<string, ArchiveEntry>;
  /** Files whose names lead out of the archive's folder (`../a`, `/a`, `C:\a`): they are not among `names`, and never opened. */
  readonly outside: readonly string[];
}

/** Enough for any archive that a disk holds; a header takes 512 bytes of it. */
const mostHeaders = 4_000_000;

/**
 * The files of a zip archive, or of a tar archive, packed by gzip or not, as those of a folder. Code for it is loaded when it is needed.
 * @throws AtrousError `format` for one that is damaged
 */
export async function archiveFiles(bytes: ByteSource): Promise<ArchiveFiles> {
  const isZip = String.fromCharCode(...(await bytes.read(0, 2))) === 'PK';
  if (!isZip) return (await import('./tar/open_archive.ts')).tarFiles(bytes, mostHeaders);
  const { entries, open } = await (await import('./zip/open_zip.ts')).openZip(bytes);
  const files = [...entries].filter(([name]) => !name.endsWith('/'));
  return filesOf(new Map(files), open);
}

/** What an archive holds, without the files that would lie elsewhere. */
export function filesOf<E extends ArchiveEntry>(
  all: ReadonlyMap<string, E>,
  open: (entry: E) => Promise<ByteSource>,
): ArchiveFiles {
  const entries = new Map([...all].filter(([name]) => isNameBelow(name)));
  return {
    names: [...entries.keys()],
    entries,
    outside: [...all.keys()].filter((name) => !entries.has(name)),
    async open(name) {
      const entry = entries.get(name);
      return entry && open(entry);
    },
  };
}
