import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ByteSource, memoryBytes } from './bytes.ts';

/** Where a file of `fixtures/` lies. */
export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** A file of `fixtures/`, in memory. */
export const fixture = (name: string): ByteSource => memoryBytes(readFileSync(fixturePath(name)), name);

/** The same, with a count of the bytes that were read of it. */
export function watchedFixture(name: string): { bytes: ByteSource; fetched(): number } {
  const bytes = fixture(name);
  let fetched = 0;
  const read = (at: number, length: number) => {
    fetched += length;
    return bytes.read(at, length);
  };
  return { bytes: { ...bytes, read }, fetched: () => fetched };
}
