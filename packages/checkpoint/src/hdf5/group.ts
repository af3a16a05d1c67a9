import { clip } from '../brief.ts';
import { type Cursor, textOf } from './cursor.ts';
import type { Hdf5File } from './file.ts';
import { type Message, messageType } from './object_header.ts';

/** The addresses of what a group holds, by name. Links to names or to other files are left out. */
export type Links = ReadonlyMap<string, number>;

/** What a group's header says it holds. undefined where it is no group. */
export async function readLinks(file: Hdf5File, messages: readonly Message[]): Promise<Links | undefined> {
  const links = new Map<string, number>();
  const put = (name: string, address: number): void => {
    if (links.has(name)) file.fail(`a group holds ${JSON.stringify(clip(name))} twice`);
    links.set(name, address);
  };
  let isGroup = false;
  for (const { type, open } of messages) {
    if (type === messageType.symbolTable) await readSymbolTable(file, open(), put);
    else if (type === messageType.link) readLink(open(), put);
    else if (type === messageType.linkInfo) checkLinkInfo(open());
    else continue;
    isGroup = true;
  }
  return isGroup ? links : undefined;
}

type Put = (name: string, address: number) => void;

/** Groups as HDF5 always wrote them: a B-tree of nodes, and a heap with the names. */
async function readSymbolTable(file: Hdf5File, message: Cursor, put: Put): Promise<void> {
  const tree = message.address() ?? file.fail('a group has no tree');
  const names = await readLocalHeap(file, message.address() ?? file.fail('a group has no names'));
  const keySize = file.widths.length;
  for await (const node of leavesOf(file, tree, 0, keySize)) {
    const head = await file.block(node.child, 8);
    head.expect('SNOD');
    head.skip(2);
    const count = head.uint(2);
    const entrySize = 2 * file.widths.address + 24;
    const entries = await file.block(node.child + 8, count * entrySize);
    for (let i = 0; i < count; i++) {
      const entry = entries.part(entrySize);
      const nameAt = entry.uint(file.widths.address);
      const address = entry.address();
      const isSoftLink = entry.uint(4) === 2;
      if (isSoftLink || address === undefined) continue;
      if (nameAt >= names.byteLength)
        file.fail(`a name lies at ${nameAt} of a heap of ${names.byteLength} bytes`);
      put(textOf(names.subarray(nameAt)), address);
    }
  }
}

async function readLocalHeap(file: Hdf5File, address: number): Promise<Uint8Array> {
  const head = await file.block(address, 8 + 2 * file.widths.length + file.widths.address);
  head.expect('HEAP');
  head.skip(4);
  const size = head.length();
  head.length(); // the first free place
  const data = head.address() ?? file.fail('a heap has no data');
  return (await file.block(data, size)).bytes;
}

/** A child of a B-tree's lowest nodes, with the key before it. */
export interface TreeEntry {
  readonly key: Cursor;
  readonly child: number;
}

/**
 * What hangs at a B-tree of version 1. @param kind 0: groups, 1: chunks. @param keySize in bytes. A tree is as deep as its
 * root says, so that one that leads back into itself ends.
 */
export async function* leavesOf(
  file: Hdf5File,
  root: number,
  kind: number,
  keySize: number,
): AsyncGenerator<TreeEntry> {
  const headSize = 8 + 2 * file.widths.address;
  const waiting: { address: number; level?: number }[] = [{ address: root }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const head = await file.block(next.address, headSize);
    head.expect('TREE');
    const found = head.uint(1);
    if (found !== kind) file.fail(`a tree is of kind ${found}, expected ${kind}`);
    const level = head.uint(1);
    if (next.level !== undefined && level !== next.level)
      file.fail(`a tree's node is of level ${level}, expected ${next.level}`);
    const count = head.uint(2);
    const node = await file.block(next.address + headSize, count * (keySize + file.widths.address));
    const entries: TreeEntry[] = [];
    for (let i = 0; i < count; i++) {
      const key = node.part(keySize);
      entries.push({ key, child: node.address() ?? file.fail("a tree's branch leads nowhere") });
    }
    if (level === 0) yield* entries;
    else waiting.push(...entries.reverse().map(({ child }) => ({ address: child, level: level - 1 })));
  }
}

function readLink(message: Cursor, put: Put): void {
  const version = message.uint(1);
  if (version !== 1) message.fail(`a link has version ${version}, expected 1`);
  const flags = message.uint(1);
  const kind = flags & 8 ? message.uint(1) : 0;
  if (flags & 4) message.skip(8); // when it was made
  if (flags & 16) message.skip(1); // how its name is encoded
  const name = textOf(message.take(message.uint(1 << (flags & 3))));
  const isHard = kind === 0;
  if (isHard) put(name, message.address() ?? message.fail('a link leads nowhere'));
}

function checkLinkInfo(message: Cursor): void {
  message.skip(1);
  const flags = message.uint(1);
  if (flags & 1) message.skip(8);
  const hasHeap = message.address() !== undefined;
  if (hasHeap) message.fail(writtenAsLatest('a group holds its links in a fractal heap'));
}

/** For what only libraries that were asked for their newest format write. */
export const writtenAsLatest = (what: string): string =>
  `${what}, which is not read: write it again with h5py.File(path, 'w'), whose default is libver='earliest'`;
