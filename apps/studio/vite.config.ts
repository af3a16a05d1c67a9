import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { sourceWorkers } from '../../scripts/source_workers.ts';
import { modelFiles } from './build/model_files.ts';
import { packageFiles } from './build/package_files.ts';
import { serviceWorker } from './build/service_worker.ts';
import { contentSecurityPolicy, isolation } from './src/offline/headers.ts';

/** The model of the first mask, which is kept for the next visit; the others come when somebody wants them. */
const firstModel = modelFiles('people-small');

/** Other people's runtimes, and containers and codecs, are large and come when somebody asks for them. */
const foreign = /onnxruntime-web|@tensorflow|mediabunny/;
const folderOf = ({ moduleIds }: { moduleIds: readonly string[] }) =>
  moduleIds.some((id) => foreign.test(id)) ? 'runtimes' : 'assets';
const output = {
  chunkFileNames: (chunk: { moduleIds: readonly string[] }) => `${folderOf(chunk)}/[name]-[hash].js`,
  assetFileNames: ({ names }: { names: readonly string[] }) =>
    `${names.some((name) => name.endsWith('.wasm')) ? 'runtimes' : 'assets'}/[name]-[hash][extname]`,
};

const policyInPage: Plugin = {
  name: 'policy-in-page',
  apply: 'build', // Vite's own client injects styles while developing
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  base: './', // any folder of any host
  resolve: { conditions: ['@atrous/source', ...defaultClientConditions] },
  plugins: [
    sourceWorkers(),
    packageFiles({
      ...firstModel,
      ...modelFiles('people'),
      ...modelFiles('street'),
    }),
    policyInPage,
    serviceWorker((file) => !/^(models|runtimes)\//.test(file), Object.keys(firstModel)),
  ],
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  server: { headers: isolation },
  preview: { headers: isolation },
  worker: {
    format: 'es',
    plugins: () => [sourceWorkers()],
    rolldownOptions: { output: { ...output, entryFileNames: 'assets/[name]-[hash].js' } },
  },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 1500,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', service_worker: 'src/offline/service_worker.ts' },
      output: {
        ...output,
        entryFileNames: ({ name }) => (name === 'service_worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
