import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseOverwrites } from './overwrites.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atrous-overwrites-'));
  writeFileSync(join(folder, 'a.png'), 'a');
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const check = (inputs: string[], outputs: string[]) =>
  refuseOverwrites(
    inputs,
    outputs.map((path, i) => ({ path, from: `input ${i}` })),
  );

test.each<[string, () => string]>([
  ['the same name', () => at('a.png')],
  ['the same file by another path', () => `${folder}/./a.png`],
  ['a relative path', () => relative(process.cwd(), at('a.png'))],
  [
    'a symbolic link',
    () => {
      symlinkSync(at('a.png'), at('link.png'));
      return at('link.png');
    },
  ],
  [
    'a hard link',
    () => {
      linkSync(at('a.png'), at('hard.png'));
      return at('hard.png');
    },
  ],
  [
    'a linked folder',
    () => {
      symlinkSync(folder, at('again'));
      return at('again/a.png');
    },
  ],
])('an input is not overwritten: %s', (_name, output) => {
  const path = output();
  expect(() => check([at('a.png')], [path])).toThrow(
    `${path} would overwrite the input ${at('a.png')}: write elsewhere with -o`,
  );
});

test('an input that is missing is not made by an output and then read', () => {
  expect(() => check([at('b.mask.png')], [at('b.mask.png')])).toThrow('would overwrite the input');
});

test('two outputs are not one file, in folders that exist and in those that do not', () => {
  symlinkSync(folder, at('again'));
  expect(() => check([], [at('o.png'), at('again/o.png')])).toThrow('input 0 and input 1 would both write');
  expect(() => check([], [at('new/o.png'), at('again/new/./o.png')])).toThrow('would both write');
  expect(() => check([], [at('new/o.png'), at('new/p.png'), at('o.png')])).not.toThrow();
});

test('results of an earlier run that were made hard links of one another may be written again', () => {
  writeFileSync(at('o.png'), '');
  linkSync(at('o.png'), at('p.png'));
  expect(() => check([at('a.png')], [at('o.png'), at('p.png')])).not.toThrow();
});

test('a folder is no place for a file', () => {
  mkdirSync(at('o.png'));
  expect(() => check([at('a.png')], [at('o.png')])).toThrow('o.png: a folder; expected the name of a file');
});

test('names that differ in case are one file where a file says so', () => {
  mkdirSync(at('plain'));
  writeFileSync(at('plain/x'), '');
  expect(() => check([], [at('plain/o.png'), at('plain/O.png')])).not.toThrow();
  // what such a folder looks like from outside: both names lead to one file
  mkdirSync(at('folded'));
  writeFileSync(at('folded/x'), '');
  linkSync(at('folded/x'), at('folded/X'));
  expect(() => check([], [at('folded/o.png'), at('folded/O.png')])).toThrow('would both write');
  expect(() => check([], [at('folded/new/o.png'), at('folded/NEW/o.png')])).toThrow('would both write');
});
