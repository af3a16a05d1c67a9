// Type-checks every ```ts example in the READMEs and on the documentation's pages, each as a module of its own beside the
// package it belongs to, or beside the command where it uses a package that its own does not know.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Readmes without a package of their own are checked beside the command, which depends on everything. */
const everything = join(root, 'apps/cli');
const readmes = [
  { folder: everything, file: join(root, 'README.md') },
  ...['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => {
      const folder = join(root, group, name);
      return {
        folder: existsSync(join(folder, 'tsconfig.json')) ? folder : everything,
        file: join(folder, 'README.md'),
      };
    }),
  ),
  ...readdirSync(join(root, 'apps/docs/src/content/docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mdx'))
    .map((file) => ({
      folder: join(root, 'apps/docs'),
      file: join(root, 'apps/docs/src/content/docs', file),
    })),
];

const config = (folder) => ({
  extends: '../tsconfig.json',
  compilerOptions: {
    types: existsSync(join(folder, 'node_modules/@types/node')) ? ['node'] : [],
    noUnusedLocals: false,
    isolatedDeclarations: false,
    declaration: false,
  },
  include: ['.'],
});
/** Whether a package has all packages of ours that an example imports; its own name it has. */
const knowsAll = (folder, code) => {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [...code.matchAll(/from '(@atrous\/[\w-]+)/g)].every(
    ([, used]) => used === name || existsSync(join(folder, 'node_modules', used)),
  );
};
const folders = new Set(readmes.map(({ folder }) => join(folder, 'readme-examples')));
let examples = 0;
try {
  for (const { folder, file } of readmes.filter(({ file }) => existsSync(file))) {
    const blocks = [...readFileSync(file, 'utf8').matchAll(/^```ts\b.*\n([\s\S]*?)^```$/gm)];
    if (blocks.length === 0) continue;
    for (const [i, [, code]] of blocks.entries()) {
      const place = knowsAll(folder, code) ? folder : everything;
      const examplesFolder = join(place, 'readme-examples');
      mkdirSync(examplesFolder, { recursive: true });
      writeFileSync(join(examplesFolder, 'tsconfig.json'), JSON.stringify(config(place)));
      const name = file.slice(root.length + 1).replaceAll(/[^\w]+/g, '_');
      writeFileSync(join(examplesFolder, `${name}_${i + 1}.ts`), `${code}\nexport {};\n`);
      examples++;
    }
  }
  for (const folder of [...folders].filter((path) => existsSync(path))) {
    const tsc = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
    const { status } = spawnSync(tsc, ['--noEmit', '-p', folder], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exitCode = 1;
  }
  console.log(`${examples} examples checked`);
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
