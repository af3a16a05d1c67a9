// Packed weights on the visitor's disk: files of the origin's private file system, read and written by the first thread, for only
// workers have handles that do not go through promises. A file is a head of fixed size and what lay in memory.
import { packedFolder } from '@atrous/graph';
import { nextTurn } from '@atrous/tensor/turns';

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

/**
 * Two sums for each of four columns of 32-bit words, of which the second knows their order; four, for each waits for the word before.
 * Against damage, not against enemies.
 */
function addTo(sums: Int32Array, piece: Uint8Array): void {
  const words = new Int32Array(piece.buffer, piece.byteOffset, piece.byteLength >> 2);
  let [a, b, c, d, aa, bb, cc, dd] = sums;
  for (let i = 0; i < words.length; i += 4) {
    a = (a + words[i]) | 0;
    aa = (aa + a) | 0;
    b = (b + words[i + 1]) | 0;
    bb = (bb + b) | 0;
    c = (c + words[i + 2]) | 0;
    cc = (cc + c) | 0;
    d = (d + words[i + 3]) | 0;
    dd = (dd + d) | 0;
  }
  sums.set([a, b, c, d, aa, bb, cc, dd]);
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
export async function restorePacked(memory: WebAssembly.Memory, file: PackedFile): Promise<Note | undefined> {
  const handle = await openFile(await openFolder(false), file.name, 'read-only');
  if (!handle) return undefined;
  try {
    const head = readHead(handle, file);
    if (!head) return undefined;
    const to = new Uint8Array(memory.buffer, file.offset, file.bytes);
    const piece = new Uint8Array(pieceBytes);
    const sums = new Int32Array(8);
    for (let at = 0; at < file.bytes; at += pieceBytes) {
      const part = piece.subarray(0, Math.min(pieceBytes, file.bytes - at));
      if (handle.read(part, { at: headBytes + at }) !== part.byteLength) return undefined;
      addTo(sums, part);
      to.set(part, at);
    }
    return sums.join() === head.sums ? head.note : undefined;
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
export async function keepPacked(memory: WebAssembly.Memory, file: PackedFile, note: Note): Promise<void> {
  const { quota = 0, usage = 0 } = (await globalThis.navigator?.storage?.estimate?.().catch(() => {})) ?? {};
  if (quota - usage < 2 * file.bytes) return; // models themselves come first
  const folder = await openFolder(true);
  await folder?.removeEntry(file.name).catch(() => {}); // a new file has a new time: browsers leave that of one that is written over
  const handle = await openFile(folder, file.name, 'readwrite');
  if (!folder || !handle) return;
  let isWhole = false;
  try {
    isWhole = await write(handle, memory, file, note);
  } catch {
  } finally {
    handle.close();
  }
  await (isWhole ? dropOldest(folder) : folder.removeEntry(file.name)).catch(() => {});
}

async function write(
  handle: SyncHandle,
  memory: WebAssembly.Memory,
  { key, offset, bytes }: PackedFile,
  note: Note,
): Promise<boolean> {
  const put = (piece: Uint8Array, at: number) => handle.write(piece, { at }) === piece.byteLength;
  const piece = new Uint8Array(pieceBytes);
  const sums = new Int32Array(8);
  for (let at = 0; at < bytes; at += pieceBytes) {
    const part = piece.subarray(0, Math.min(pieceBytes, bytes - at));
    part.set(new Uint8Array(memory.buffer, offset + at, part.byteLength)); // memory may have grown meanwhile
    addTo(sums, part);
    if (!put(part, headBytes + at)) return false;
    await nextTurn();
  }
  handle.flush();
  const head: Head = { key, bytes, sums: sums.join(), note };
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
