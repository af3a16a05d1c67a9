import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ByteSource, memoryBytes } from './bytes.ts';

/** Where a file of `fixtures/` lies. */
export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** A file of `fixtures/`, in memory. */
export const fixture = (name: string): ByteSource => memoryBytes(readFileSync(fixturePath(name)), name);
