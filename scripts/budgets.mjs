// What the tarballs cost whoever installs them, against budgets.json: bytes unpacked, dependencies, and by entry what its first import brings
// a page, gzipped; then three minimal apps, as their bundles. With --measure it prints what there is in place of comparing.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const budgets = JSON.parse(readFileSync(join(here, 'budgets.json'), 'utf8'));

/** Three apps that do no more than load a model, and what must not be among what they bundle. */
const foreign = /onnxruntime|@tensorflow|\bsharp\b|flatbuffers/;
const apps = {
  page: {
    code: `import { Segmenter } from '@atrous/segmenter'; globalThis.segmenter = Segmenter.load('/model/');`,
  },
  worker: {
    code: `import { Segmenter } from '@atrous/segmenter/worker'; globalThis.segmenter = Segmenter.load('/model/');`,
  },
  node: {
    code: `import { Segmenter } from '@atrous/segmenter'; globalThis.segmenter = Segmenter.load('model');`,
    platform: 'node',
  },
};

/** Bundles code in a folder where packages are installed. */
async function bundle(rolldown, folder, code, platform = 'browser') {
  const start = join(folder, 'budget.js');
  const build = await rolldown({
    input: start,
    platform,
    external: [/^node:/, 'sharp', /^onnxruntime/, /^@tensorflow/],
    resolve: { conditionNames: ['import', ...(platform === 'node' ? ['node'] : ['browser']), 'default'] },
    plugins: [
      {
        name: 'start',
        resolveId: (id) => (id === start ? id : undefined),
        load: (id) => (id === start ? code : undefined),
      },
    ],
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', minify: true });
  await build.close();
  return output.filter(({ type }) => type === 'chunk');
}

const gzip = (text) => gzipSync(text, { level: 9 }).length;
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** What is fetched before anything runs. */
function firstOf(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of first)
    for (const name of imports) if (byName.has(name)) first.add(byName.get(name));
  return [...first];
}

/** Files that a package's code names by URL, which bundlers copy. */
const namedFiles = (chunks) => [
  ...new Set(
    chunks.flatMap(({ code }) =>
      [...code.matchAll(/new URL\([`'"]\.\/(worker_\w+\.js)/g)].map(([, file]) => file),
    ),
  ),
];

/** What no page imports: libraries of servers are not bundled. */
const servers = ['@atrous/serve', '@atrous/fleet'];

const entriesOf = ({ exports = {}, bin }) =>
  bin && Object.keys(exports).length === 0
    ? []
    : Object.keys(exports).filter((entry) => entry !== './package.json');

async function measure(rolldown, folder, { name }) {
  const root = join(folder, 'node_modules', name);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const found = { unpacked: sizeOf(root), dependencies: Object.keys(manifest.dependencies ?? {}).length };
  if (name.startsWith('@atrous/model-') || servers.includes(name)) return found;
  const entries = {};
  for (const entry of entriesOf(manifest)) {
    const condition = JSON.stringify(manifest.exports[entry]).includes('"node"') || /native|node/.test(entry);
    const isNodes = condition && /native|node/.test(entry);
    const from = JSON.stringify(name + entry.slice(1));
    const chunks = await bundle(rolldown, folder, `export * from ${from};`, isNodes ? 'node' : 'browser');
    entries[entry] = sum(firstOf(chunks).map(({ code }) => gzip(code)));
  }
  return { ...found, entries };
}

async function measureApp(rolldown, folder, { code, platform }) {
  const chunks = await bundle(rolldown, folder, code, platform);
  const copied = namedFiles(chunks)
    .flatMap((file) =>
      ['segmenter', 'runtime-wasm'].map((name) => join(folder, 'node_modules/@atrous', name, 'dist', file)),
    )
    .filter((file) => existsSync(file));
  const scripts = sum(copied.map((file) => gzip(readFileSync(file, 'utf8'))));
  const modules = chunks.flatMap((chunk) => chunk.moduleIds);
  const isForeign = (id) => foreign.test(id.slice(id.lastIndexOf('node_modules/') + 13).split('/dist/')[0]);
  return {
    // what the page fetches before it runs; the files that it starts workers from; all, with what it may import later
    first: sum(firstOf(chunks).map((chunk) => gzip(chunk.code))),
    scripts,
    all: sum(chunks.map((chunk) => gzip(chunk.code))) + scripts,
    forbidden: modules.filter(isForeign),
  };
}

/** Lines for whatever is more than its budget, or has none. */
function over(path, found, budget) {
  if (typeof found === 'object') {
    const keys = new Set([...Object.keys(found), ...Object.keys(budget ?? {})]);
    return [...keys].flatMap((key) => over(`${path} ${key}`, found[key] ?? Number.NaN, budget?.[key]));
  }
  if (budget === undefined) return [`${path}: ${found}, and no budget`];
  return found <= budget ? [] : [`${path}: ${found}, of ${budget}`];
}

/**
 * @param folder where all tarballs are installed
 * @param names of the packages
 * @throws where a budget does not hold, or a package or an entry has none
 */
export async function checkBudgets(folder, names, { isMeasured = false } = {}) {
  const vite = createRequire(join(here, '../package.json')).resolve('vite/package.json');
  const { rolldown } = await import(pathToFileURL(createRequire(vite).resolve('rolldown')).href);
  const found = { packages: {}, apps: {} };
  for (const name of names) found.packages[name] = await measure(rolldown, folder, { name });
  for (const [name, app] of Object.entries(apps)) {
    const { forbidden, ...sizes } = await measureApp(rolldown, folder, app);
    if (forbidden.length > 0) throw new Error(`the minimal ${name} holds ${forbidden.join(', ')}`);
    found.apps[name] = sizes;
  }
  if (isMeasured) {
    console.log(JSON.stringify(found, undefined, 2));
    return;
  }
  const lines = over('', found, budgets);
  if (lines.length > 0) throw new Error(`over budget (scripts/budgets.json):\n${lines.join('\n')}`);
  const { page, worker, node } = found.apps;
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  console.log(
    `${names.length} packages and three apps within their budgets: a page ${kB(page.first)} at first and ${kB(page.all)} in all, ` +
      `a worker's page ${kB(worker.first)} and the worker ${kB(worker.scripts)}, Node ${kB(node.all)}`,
  );
}

const sizeOf = (folder) =>
  sum(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.parentPath.includes('node_modules/', folder.length))
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).size),
  );
