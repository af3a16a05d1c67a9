import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { bundledThreads } from './scripts/bundled_for_tests.ts';
import { sourceWorkers } from './scripts/source_workers.ts';

/** Every test runs from source; of the packages nothing is built before. */
const source = '@atrous/source';

const chromiumArguments = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];
/** A software adapter: right, and very slow. */
const softwareWebGpu = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader', // without it the GPU process ends when a canvas is drawn on
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { conditions: [source, ...defaultServerConditions] },
        ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
        plugins: [bundledThreads],
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            '{packages,apps}/*/src/**/*.test.ts',
            'benchmarks/src/*.test.ts',
            'browsers/src/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          exclude: ['**/*.browser.test.ts'],
          globalSetup: ['./scripts/bundled_for_tests.ts'],
          setupFiles: ['./scripts/fail_on_console.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // onnxruntime-web and the golden networks want memory: two files at a time are enough for two cores
          maxWorkers: 2,
          // worker threads that tests start resolve our packages as tests do
          execArgv: ['--conditions=@atrous/source'],
        },
      },
      {
        resolve: { conditions: [source, ...defaultClientConditions] },
        plugins: [sourceWorkers()],
        optimizeDeps: { exclude: ['onnxruntime-web'] },
        server: { headers: isolation },
        test: {
          name: 'browser',
          include: ['{packages,apps}/*/src/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
                args: [...chromiumArguments, ...softwareWebGpu],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        // the built site in Chromium, driven from outside as a visitor would
        resolve: { conditions: [source, ...defaultServerConditions] },
        ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
        test: {
          name: 'studio',
          // after the others: a page that shares its two cores with them is no page that a visitor has
          sequence: { groupOrder: 1 },
          environment: 'node',
          include: ['apps/studio/tests/*.test.ts'],
          globalSetup: ['apps/studio/tests/build_site.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
