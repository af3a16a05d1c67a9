// What tests in Node start hundreds of times, each as one file: from source a process of the command reads five hundred modules, a thread of
// our engine forty, which takes them longer than what they are started for.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, defaultServerConditions, type Plugin } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const conditions = ['@atrous/source', ...defaultServerConditions];
/** Beside what it is made of, so that packages are found from there as from the source. */
const places = {
  thread: { entry: 'packages/runtime-wasm/src/worker_node.ts', folder: 'packages/runtime-wasm' },
  command: { entry: 'apps/cli/src/main.ts', folder: 'apps/cli' },
};
const folderOf = (name: keyof typeof places) =>
  join(root, places[name].folder, 'node_modules/.cache/bundled');

/** Libraries of many small modules; the others stay where they are. */
const bundledLibrary = /^(@bufbuild\/|fast-png)/;

const stayWhereTheyAre: Plugin = {
  name: 'stay-where-they-are',
  enforce: 'pre',
  async resolveId(id, importer) {
    if (!importer || /^([./]|node:|@atrous\/)/.test(id) || bundledLibrary.test(id)) return undefined;
    const found = await this.resolve(id, importer, { skipSelf: true });
    if (!found || found.external || bundledLibrary.test(found.id.split('/node_modules/').at(-1)!))
      return found;
    return { id: pathToFileURL(found.id).href, external: true };
  },
  transform: (code, id) =>
    id.endsWith('.ts')
      ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      : undefined,
};

const bundle = (name: keyof typeof places, plugins: readonly Plugin[]) =>
  build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions, mainFields: ['main'] }, // as Node does it
    ssr: { noExternal: true, resolve: { conditions, mainFields: ['main'] } },
    plugins: [...plugins],
    build: {
      ssr: join(root, places[name].entry),
      outDir: folderOf(name),
      emptyOutDir: true,
      minify: false,
      target: 'node24',
    },
  });

/** Has threads of our engine start from their one file. */
export const bundledThreads: Plugin = {
  name: 'bundled-threads',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('runtime-wasm/src/create_worker_node.ts')
      ? code.replace(
          /new URL\('\.\/worker_node\.ts', import\.meta\.url\)/,
          `new URL('${pathToFileURL(join(folderOf('thread'), 'worker_node.js')).href}')`,
        )
      : undefined,
};

/** Before all tests: makes both, and says where the command is. */
export default async function setup(): Promise<void> {
  await bundle('thread', []);
  await bundle('command', [bundledThreads, stayWhereTheyAre]);
  process.env.ATROUS_COMMAND = join(folderOf('command'), 'main.js');
}
