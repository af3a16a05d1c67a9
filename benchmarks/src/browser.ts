import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { sourceWorkers } from '../../scripts/source_workers.ts';
import { rendererPeak } from './machine.ts';
import type { Bench } from './page.ts';
import type { Place } from './place.ts';
import { serve } from './server.ts';

type InPage = { bench: Bench };

/** Debian's Chromium with the page built as for publication, cross-origin isolated; a fresh browser each time. */
export async function openBrowser(folder: string): Promise<Place> {
  const outDir = await mkdtemp(join(tmpdir(), 'atrous-bench-page-'));
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@atrous/source', ...defaultClientConditions] },
    plugins: [sourceWorkers()],
    worker: { format: 'es', plugins: () => [sourceWorkers()] },
    build: {
      outDir,
      minify: false, // TensorFlow.js starts its threads from the text of a function, which minifying breaks
      emptyOutDir: true,
      target: 'esnext',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1 << 14,
    },
  });
  await symlink(folder, join(outDir, 'files'));
  const server = await serve(outDir);
  const { url } = server;

  async function withPage<T>(threads: number, use: (page: Page) => Promise<T>): Promise<T> {
    const browser = await chromium.launch({
      executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',

        '--disable-background-networking',
        '--disable-component-update',
      ],
    });
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
      page.setDefaultTimeout(300_000);
      // TensorFlow.js takes half the cores at most, however many threads it is told to use.
      const cores = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${2 * threads} })`;
      if (threads > 1) await page.addInitScript(cores);
      await page.goto(url);
      await page.waitForFunction('globalThis.bench !== undefined');
      return await use(page);
    } finally {
      await browser.close();
    }
  }

  const version = await withPage(1, async (page) => page.context().browser()?.version());
  return {
    name: `Chromium ${version}`,
    files: `${url}files/`,
    contenders: () =>
      withPage(1, (page) => page.evaluate(() => (globalThis as unknown as InPage).bench.contenders)),
    compare: (request, rounds) =>
      withPage(request.threads, (page) =>
        page.evaluate(([task, count]) => (globalThis as unknown as InPage).bench.compare(task, count), [
          request,
          rounds,
        ] as const),
      ),
    async first(name, request) {
      const empty = await withPage(request.threads, async () => rendererPeak());
      return withPage(request.threads, async (page) => {
        const { transferred, ...times } = await page.evaluate(
          ([who, task]) => (globalThis as unknown as InPage).bench.first(who, task),
          [name, request] as const,
        );
        return { ...times, bytes: rendererPeak() - empty, transferred };
      });
    },
    async close() {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}
