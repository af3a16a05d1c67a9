/** Runs what the pages show: blocks marked `run`, in the order of their page, as a reader would in an empty folder. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
const pages = readdirSync(content, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.mdx'))
  .map((file) => {
    const blocks = readFileSync(join(content, file), 'utf8').matchAll(
      /^```(ts|sh) run\b.*\n([\s\S]*?)^```$/gm,
    );
    return {
      file,
      blocks: [...blocks].map(([, language, code]): Block => ({ language: language as 'ts', code })),
    };
  })
  .filter(({ blocks }) => blocks.length > 0);

/** What the pages speak of: photos, and two pictures with their labels. */
const generated = join(app, '.generated');
mkdirSync(generated, { recursive: true });
const given = mkdtempSync(join(generated, 'run-'));
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
afterAll(() => rmSync(given, { recursive: true, force: true }));

function runTypeScript(folder: string, code: string): void {
  const file = `block_${readdirSync(folder).length}.ts`;
  writeFileSync(join(folder, file), code);
  execFileSync(process.execPath, [...source, file], { cwd: folder, stdio: 'pipe' });
}

/** Lines of the command: words with blanks between, comments at the end. */
function runCommands(folder: string, code: string): void {
  for (const line of code.split('\n').filter((line) => line.trim() !== '')) {
    const [program, ...words] = line.replace(/\s+#.*/, '').split(/\s+/);
    expect(program).toBe('atrous');
    const main = join(root, 'apps/cli/src/main.ts');
    execFileSync(process.execPath, [...source, main, ...words], { cwd: folder, stdio: 'pipe' });
  }
}

const run = { ts: runTypeScript, sh: runCommands };

test('there are pages with blocks to run', () => {
  expect(pages.length).toBeGreaterThan(5);
});

test.each(pages)('$file', ({ blocks }) => {
  const folder = mkdtempSync(join(given, 'page-'));
  for (const file of ['photo.jpg', 'photo_small.jpg', 'other.jpg'])
    copyFileSync(join(given, file), join(folder, file));
  for (const name of ['pictures', 'labels']) {
    mkdirSync(join(folder, name));
    for (const file of readdirSync(join(given, name)))
      copyFileSync(join(given, name, file), join(folder, name, file));
  }
  for (const { language, code } of blocks) run[language](folder, code);
});
