/** Runs what pages and READMEs show: blocks marked `run`, in the order of their page, as a reader would in an empty folder. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeIdPng } from '@atrous/mask';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

const app = fileURLToPath(new URL('..', import.meta.url));
const root = join(app, '../..');
const content = join(app, 'src/content/docs');
const source = ['--conditions=@atrous/source', '--disable-warning=ExperimentalWarning'];

interface Block {
  readonly language: 'ts' | 'sh';
  readonly code: string;
}
const blocksOf = (file: string): Block[] =>
  [...readFileSync(file, 'utf8').matchAll(/^```(ts|sh) run\b.*\n([\s\S]*?)^```$/gm)].map(
    ([, language, code]) => ({ language: language as Block['language'], code }),
  );
const pages = readdirSync(content, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.mdx'))
  .map((file) => ({ file, blocks: blocksOf(join(content, file)) }))
  .filter(({ blocks }) => blocks.length > 0);
const readmes = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'README.md'));

/** What the pages speak of: photos, and two pictures with their labels. */
const generated = join(app, '.generated');
mkdirSync(generated, { recursive: true });
const given = mkdtempSync(join(generated, 'given-'));
beforeAll(async () => {
  const portrait = sharp(join(root, 'apps/cli/examples/astronaut.png')).flatten();
  await portrait.clone().jpeg().toFile(join(given, 'photo.jpg'));
  await portrait.clone().resize(200).jpeg().toFile(join(given, 'photo_small.jpg'));
  await portrait
    .clone()
    .extract({ left: 0, top: 300, width: 512, height: 212 })
    .jpeg()
    .toFile(join(given, 'other.jpg'));
  for (const folder of ['pictures', 'labels']) mkdirSync(join(given, folder));
  for (const [i, side] of [96, 128].entries()) {
    await portrait
      .clone()
      .resize(side, side)
      .jpeg()
      .toFile(join(given, `pictures/${i}.jpg`));
    const data = Uint8Array.from({ length: side * side }, (_, pixel) => Number(pixel % side > side / 2));
    writeFileSync(join(given, `labels/${i}.png`), encodeIdPng({ width: side, height: side, data }));
  }
});
afterAll(() => {
  for (const folder of [given, ...made]) rmSync(folder, { recursive: true, force: true });
});

const made: string[] = [];
/** Empty but for what the pages speak of. */
function emptyFolder(): string {
  const folder = mkdtempSync(join(generated, 'page-'));
  made.push(folder);
  cpSync(given, folder, { recursive: true });
  return folder;
}

/** One after the other, in one process: each is a module of its own. */
function runTypeScript(folder: string, codes: readonly string[]): void {
  const before = readdirSync(folder).length;
  const files = codes.map((code, i) => ({ name: `block_${before + i}.ts`, code }));
  for (const { name, code } of files) writeFileSync(join(folder, name), code);
  const all = `page_${before}.ts`;
  writeFileSync(join(folder, all), files.map(({ name }) => `await import('./${name}');`).join('\n'));
  const args = [...source, all];
  execFileSync(process.execPath, args, { cwd: folder, stdio: 'pipe' });
}

/** Lines of the command: words with blanks between, comments at the end. */
function runCommands(folder: string, codes: readonly string[]): void {
  for (const line of codes
    .join('\n')
    .split('\n')
    .filter((line) => line.trim() !== '')) {
    const [program, ...words] = line.replace(/\s+#.*/, '').split(/\s+/);
    expect(program).toBe('atrous');
    const main = process.env.ATROUS_COMMAND ?? join(root, 'apps/cli/src/main.ts');
    execFileSync(process.execPath, [...source, main, ...words], { cwd: folder, stdio: 'pipe' });
  }
}

/** Blocks of one kind that follow each other. */
function runs(blocks: readonly Block[]) {
  const found: { language: Block['language']; codes: string[] }[] = [];
  for (const { language, code } of blocks) {
    const last = found.at(-1);
    if (last?.language === language) last.codes.push(code);
    else found.push({ language, codes: [code] });
  }
  return found;
}

const run = { ts: runTypeScript, sh: runCommands };

test('there are pages with blocks to run', () => {
  expect(pages.length).toBeGreaterThan(5);
});

test('the READMEs of packages', () => {
  const blocks = readmes.flatMap(blocksOf);
  expect(blocks.length).toBeGreaterThan(10);
  const folder = emptyFolder();
  for (const { language, codes } of runs(blocks)) run[language](folder, codes);
}, 300_000);

test.each(pages)(
  '$file',
  ({ blocks }) => {
    const folder = emptyFolder();
    for (const { language, codes } of runs(blocks)) run[language](folder, codes);
  },
  300_000,
);
