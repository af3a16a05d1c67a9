import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'tsdown';

/** One recipe for every package: what `exports` names under the source condition is what gets built. */
type Target = string | { [condition: string]: Target };
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  name: string;
  exports?: Record<string, Target>;
  bin?: Record<string, string>;
};

const sources = (target: Target): string[] =>
  typeof target === 'string' ? [target] : Object.values(target).flatMap(sources);

/**
 * Workers, and what pages without a bundler import, are files without imports: wherever somebody's bundler puts them they run as they
 * are, and another origin's are started by their URL.
 */
const isSelfContained = (file: string) => /^(worker_\w+|standalone)\.ts$/.test(file);
const selfContained = readdirSync('src').filter(isSelfContained);

/** Workers are named by URL, and what is built is JavaScript. */
const builtWorkers = {
  name: 'built-workers',
  renderChunk: (code: string) => code.replaceAll(/(new URL\(\s*["']\.\/worker_\w+)\.ts(["'])/g, '$1.js$2'),
};

const entries = Object.values(manifest.exports ?? {})
  .filter((target) => typeof target !== 'string' && '@atrous/source' in target)
  .flatMap((target) => sources((target as Record<string, Target>)['@atrous/source']));

/** Modules that self-contained files of the segmenter are built without, and what stands there for them. */
const leftOut: readonly (readonly [module: RegExp, instead: string])[] = [
  [/checkpoint\/src\/formats\.ts$/, 'formats.ts'],
  [/checkpoint\/src\/main_file\.ts$/, 'main_file.ts'],
  [/checkpoint\/src\/minifloat\.ts$/, 'minifloat.ts'],
  [/^@atrous\/heads$/, 'heads.ts'],
  [/zoo\/src\/recognise\.ts$/, 'recognise.ts'],
  [/zoo\/src\/read_as\.ts$/, 'read_as.ts'],
  [/^@atrous\/graph\/reference$/, 'reference.ts'],
  [/segmenter\/src\/faster\.ts$/, 'faster.ts'],
  [/runtime-wasm\/src\/plan\/describe\.ts$/, 'describe_plan.ts'],
  [/zoo\/src\/sources\/others\.ts$/, 'others.ts'],
  [/zoo\/src\/labels\/sets\.ts$/, 'label_sets.ts'],
  [/(xception\/src|baselines\/src\/\w+)\/namings\.ts$/, 'namings.ts'],
];
/** What the page has done before it asks a worker. */
const doneByPage: typeof leftOut = [[/segmenter\/src\/arguments\.ts$/, 'arguments.ts']];
const without = (modules: typeof leftOut) => ({
  name: 'without',
  resolveId(source: string, importer: string | undefined) {
    const isRelative = source.startsWith('.') && importer !== undefined;
    const path = isRelative ? resolve(importer, '..', source).replaceAll('\\', '/') : source;
    const found = modules.find(([module]) => module.test(path));
    return found && resolve(import.meta.dirname, 'packages/segmenter/src/left_out', found[1]);
  },
});

/** What a self-contained file imports later is in it from the start: as an import like others, it brings only what is used of it. */
const importedAtOnce = {
  name: 'imported-at-once',
  transform(code: string, id: string) {
    const imports: string[] = [];
    const changed = code
      .replaceAll(
        /const (\{[^}]+\}) = await import\((["'][^"']+["'])\);/g,
        (_, names: string, from: string) => {
          imports.push(`import ${names} from ${from};`);
          return '';
        },
      )
      .replaceAll(/await import\((["'][^"']+["'])\)/g, (_, from: string) => {
        const name = `imported${imports.length}`;
        imports.push(`import * as ${name} from ${from};`);
        return name;
      });
    return id.endsWith('.ts') && imports.length > 0 ? `${imports.join('')}${changed}` : undefined;
  },
};

/** Text and base64 take another code each when they are deflated: the kernels come last, which saves 1.7 of 80 kB. Nothing asks for them before. */
const kernelsLast = {
  name: 'kernels-last',
  renderChunk(code: string) {
    const found = /(?:const|let|var) (deflated(?:\$\d+)? = ["'][\w+/=]+["'];)/.exec(code);
    return found && `${code.replace(found[0], '')}\nvar ${found[1]}\n`;
  },
};

/** Of a self-contained file the types alone are made with the rest. */
const typesOnly = {
  name: 'types-only',
  generateBundle(_options: unknown, bundle: Record<string, unknown>) {
    for (const file of selfContained) delete bundle[file.replace('.ts', '.js')];
  },
};

const common = {
  cwd: process.cwd(), // the package's folder, not this file's
  format: 'esm',
  platform: 'neutral',
  target: 'es2023',
  sourcemap: false,
  fixedExtension: false,
  failOnWarn: true,
} as const;

export default defineConfig([
  {
    ...common,
    // its entries are the first script of a page: what they import later must not lie in one file with what they need at once
    unbundle: manifest.name === '@atrous/segmenter',
    entry: [...new Set([...entries, ...(manifest.bin ? ['./src/main.ts'] : [])])],
    deps: { neverBundle: [/^node:/] },
    dts: { generator: 'oxc' },
    clean: true,
    plugins: [builtWorkers, typesOnly],
  },
  ...selfContained.map((file) => ({
    ...common,
    entry: [`./src/${file}`],
    deps: { neverBundle: [/^node:/], alwaysBundle: [/^[^.]/], onlyBundle: false as const },
    dts: false,
    clean: false,
    minify: true,
    inputOptions: {
      resolve: { conditionNames: ['@atrous/source', 'import', 'default'], mainFields: ['module', 'main'] },
      treeshake: {
        moduleSideEffects: [
          { test: /\/src\/worker_\w+\.ts$/, sideEffects: true },
          { test: /./, sideEffects: false },
        ],
      },
      checks: { pluginTimings: false }, // of a busy machine they are a warning, which would end the build
    },
    outputOptions: { codeSplitting: false, comments: { annotation: false } },
    plugins: [
      builtWorkers,
      without(file.startsWith('worker_') ? [...leftOut, ...doneByPage] : leftOut),
      importedAtOnce,
      kernelsLast,
    ],
  })),
]);
