// Packed weights on the visitor's disk: files of the origin's private file system, read and written by the first thread, for only
// workers have handles that do not go through promises. A file is a head of fixed size and what lay in memory.
import { packedFolder } from '@atrous/graph';
import { nextTurn } from '@atrous/tensor/turns';
import type { Kernels } from './kernels.ts';

/** Files that stay: the newest. */
const mostFiles = 6;
const headBytes = 1024;
/** Read and written in such pieces, of which each is summed while it is in cache. */
const pieceBytes = 1 << 20;

/** Which packed weights, and where they lie in memory. */
export interface PackedFile {
  /** One for each model and way to compute: what another version of the kernels left is replaced. */
  readonly name: string;
  /** Equal where the bytes would be. */
  readonly key: string;
  readonly offset: number;
  /** A multiple of 64, as weights are laid out. */
  readonly bytes: number;
}

/** What is remembered beside the weights. */
export type Note = Readonly<Record<string, string>>;

interface Head {
  readonly key: string;
  readonly bytes: number;
  readonly sums: string;
  readonly note: Note;
}

/** As workers have it; types of pages know nothing of it. */
interface SyncHandle {
  read(to: Uint8Array, options: { at: number }): number;
  write(from: Uint8Array, options: { at: number }): number;
  getSize(): number;
  flush(): void;
  close(): void;
}
type SyncFile = FileSystemFileHandle & {
  createSyncAccessHandle?(options?: { mode: 'read-only' | 'readwrite' }): Promise<SyncHandle>;
};

/** The folder; undefined where there is no such file system: in Node, in private windows, in older browsers. */
async function openFolder(create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const root = await globalThis.navigator?.storage?.getDirectory?.();
    return await root?.getDirectoryHandle(packedFolder, { create });
  } catch {
    return undefined;
  }
}

async function openFile(
  folder: FileSystemDirectoryHandle | undefined,
  name: string,
  mode: 'read-only' | 'readwrite',
): Promise<SyncHandle | undefined> {
  try {
    const file = (await folder?.getFileHandle(name, { create: mode === 'readwrite' })) as
      | SyncFile
      | undefined;
    return await file?.createSyncAccessHandle?.({ mode });
  } catch {
    return undefined; // not there, or in the hands of another page
  }
}

/** Memory that holds packed weights, and the kernels over it. */
export interface PackedMemory {
  readonly kernels: Pick<Kernels, 'checksum'>;
  readonly memory: WebAssembly.Memory;
}

/** Where the sums of what was read or written lie: before the weights. */
const sumsAt = 512;
const sumsOf = ({ memory }: PackedMemory): Int32Array => new Int32Array(memory.buffer, sumsAt, 8);

/** Reads into memory. Browsers that read into no memory of WebAssembly read into a copy. */
function readInto(handle: SyncHandle, to: Uint8Array, at: number): number {
  try {
    return handle.read(to, { at });
  } catch {
    const copy = new Uint8Array(to.byteLength);
    const count = handle.read(copy, { at });
    to.set(copy);
    return count;
  }
}

/** The head of a file, where it is of this key and whole; undefined else. */
function readHead(handle: SyncHandle, { key, bytes }: PackedFile): Head | undefined {
  const text = new Uint8Array(headBytes);
  if (handle.getSize() !== headBytes + bytes || handle.read(text, { at: 0 }) !== headBytes) return undefined;
  try {
    const head = JSON.parse(new TextDecoder().decode(text)) as Head;
    return head.key === key && head.bytes === bytes ? head : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads packed weights into memory that is large enough. What is damaged or of another version is as if it were not there: memory holds
 * anything then.
 * @returns what was remembered beside them
 */
export async function restorePacked(where: PackedMemory, file: PackedFile): Promise<Note | undefined> {
  const handle = await openFile(await openFolder(false), file.name, 'read-only');
  if (!handle) return undefined;
  try {
    const head = readHead(handle, file);
    if (!head) return undefined;
    sumsOf(where).fill(0);
    for (let at = 0; at < file.bytes; at += pieceBytes) {
      const bytes = Math.min(pieceBytes, file.bytes - at);
      const to = new Uint8Array(where.memory.buffer, file.offset + at, bytes);
      if (readInto(handle, to, headBytes + at) !== bytes) return undefined;
      where.kernels.checksum(to.byteOffset, bytes, sumsAt);
    }
    return sumsOf(where).join() === head.sums ? head.note : undefined;
  } catch {
    return undefined;
  } finally {
    handle.close();
  }
}

/**
 * Writes packed weights, a piece in each turn, so that runs need not wait. The head comes last: a file that was not finished is none. Where the
 * disk is full or the file in other hands, nothing is kept.
 */
export async function keepPacked(where: PackedMemory, file: PackedFile, note: Note): Promise<void> {
  const { quota = 0, usage = 0 } = (await globalThis.navigator?.storage?.estimate?.().catch(() => {})) ?? {};
  if (quota - usage < 2 * file.bytes) return; // models themselves come first
  const folder = await openFolder(true);
  await folder?.removeEntry(file.name).catch(() => {}); // a new file has a new time: browsers leave that of one that is written over
  const handle = await openFile(folder, file.name, 'readwrite');
  if (!folder || !handle) return;
  let isWhole = false;
  try {
    isWhole = await write(handle, where, file, note);
  } catch {
  } finally {
    handle.close();
  }
  await (isWhole ? dropOldest(folder) : folder.removeEntry(file.name)).catch(() => {});
}

async function write(
  handle: SyncHandle,
  where: PackedMemory,
  { key, offset, bytes }: PackedFile,
  note: Note,
): Promise<boolean> {
  const put = (piece: Uint8Array, at: number) => handle.write(piece, { at }) === piece.byteLength;
  const piece = new Uint8Array(pieceBytes);
  sumsOf(where).fill(0);
  for (let at = 0; at < bytes; at += pieceBytes) {
    const part = piece.subarray(0, Math.min(pieceBytes, bytes - at));
    part.set(new Uint8Array(where.memory.buffer, offset + at, part.byteLength)); // memory may have grown meanwhile
    where.kernels.checksum(offset + at, part.byteLength, sumsAt);
    if (!put(part, headBytes + at)) return false;
    await nextTurn();
  }
  handle.flush();
  const head: Head = { key, bytes, sums: sumsOf(where).join(), note };
  const isWritten = put(new TextEncoder().encode(JSON.stringify(head).padEnd(headBytes)), 0);
  handle.flush();
  return isWritten;
}

/** Leaves the newest files. */
async function dropOldest(folder: FileSystemDirectoryHandle): Promise<void> {
  const files: File[] = [];
  for await (const entry of folder.values())
    if (entry.kind === 'file') files.push(await (entry as FileSystemFileHandle).getFile());
  files.sort((a, b) => b.lastModified - a.lastModified);
  for (const { name } of files.slice(mostFiles)) await folder.removeEntry(name);
}
