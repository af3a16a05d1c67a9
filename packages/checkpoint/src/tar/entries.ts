import { clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { windowed } from '../windowed.ts';
import { blockSize, readHeader } from './header.ts';

/** A file inside a tar archive: where it lies there, in bytes. */
export interface TarEntry {
  readonly name: string;
  readonly begin: number;
  readonly size: number;
}

/** Of a header's attributes, in bytes. */
const largestAttributes = 1 << 20;

/**
 * The files of a tar archive by name, with names of any length as POSIX and GNU write them. Folders and links are left
 * out; of several with one name the last counts, as for `tar`.
 */
export async function readEntries(
  bytes: ByteSource,
  mostHeaders: number,
  fail: Fail,
): Promise<ReadonlyMap<string, TarEntry>> {
  const source = windowed(bytes);
  const entries = new Map<string, TarEntry>();
  let next: { name?: string; size?: number } = {};
  let at = 0;
  for (let count = 0; at + blockSize <= bytes.size; count++) {
    if (count === mostHeaders) fail(`it has more than ${mostHeaders} files`);
    const failHere: Fail = (why) => fail(`its header at byte ${at} is damaged: ${why}`);
    const header = readHeader(await readExactly(source, at, blockSize), failHere);
    if (!header) break;
    const begin = at + blockSize;
    const isAttributes = /[xgLK]/.test(header.type);
    const { name = header.name, size = header.size } = isAttributes ? {} : next;
    if (begin + size > bytes.size)
      fail(`${clip(name)} ends at byte ${begin + size}, the archive has ${bytes.size}: fetch it again`);
    if (isAttributes && size > largestAttributes)
      fail(`the attributes of a file take ${size} bytes, at most ${largestAttributes} are allowed`);

    if (header.type === 'x') next = { ...next, ...attributesOf(await readExactly(source, begin, size)) };
    else if (header.type === 'L') next = { ...next, name: longName(await readExactly(source, begin, size)) };
    else if (!isAttributes) next = {};
    const path = name.replace(/^(\.\/)+/, '');
    if (/[07]/.test(header.type)) entries.set(path, { name: path, begin, size });
    at = begin + Math.ceil(size / blockSize) * blockSize;
  }
  return entries;
}

const longName = (content: Uint8Array): string => new TextDecoder().decode(content).replace(/\0.*$/s, '');

/** Name and size out of records `LENGTH KEY=VALUE\n`, whose length counts the whole record in bytes. */
function attributesOf(content: Uint8Array): { name?: string; size?: number } {
  const found: { name?: string; size?: number } = {};
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(new TextDecoder().decode(content.subarray(at, at + 10)), 10);
    if (!(length > 0)) break;
    const record = new TextDecoder().decode(content.subarray(at, at + length));
    const [, key, value] = /^\d+ ([^=]*)=(.*)\n$/s.exec(record) ?? [];
    if (key === 'path') found.name = value;
    if (key === 'size' && /^\d{1,15}$/.test(value)) found.size = Number(value);
    at += length;
  }
  return found;
}
