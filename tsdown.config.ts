import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';

/** One recipe for every package: what `exports` names under the source condition is what gets built. */
type Target = string | { [condition: string]: Target };
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports?: Record<string, Target>;
  bin?: Record<string, string>;
};

const sources = (target: Target): string[] =>
  typeof target === 'string' ? [target] : Object.values(target).flatMap(sources);

/** Workers are entries of their own: they are named by URL, and what is built is JavaScript. */
const workers = readdirSync('src').filter((file) => file.startsWith('worker_'));
const builtWorkers = {
  name: 'built-workers',
  renderChunk: (code: string) => code.replaceAll(/(new URL\(\s*["']\.\/worker_\w+)\.ts(["'])/g, '$1.js$2'),
};

const entries = Object.values(manifest.exports ?? {})
  .filter((target) => typeof target !== 'string' && '@atrous/source' in target)
  .flatMap((target) => sources((target as Record<string, Target>)['@atrous/source']));

export default defineConfig({
  cwd: process.cwd(), // the package's folder, not this file's
  entry: [
    ...new Set([
      ...entries,
      ...(manifest.bin ? ['./src/main.ts'] : []),
      ...workers.map((file) => `./src/${file}`),
    ]),
  ],
  format: 'esm',
  platform: 'neutral',
  deps: { neverBundle: [/^node:/] },
  target: 'es2023',
  dts: { generator: 'oxc' },
  sourcemap: false,
  fixedExtension: false,
  clean: true,
  failOnWarn: true,
  plugins: [builtWorkers],
});
