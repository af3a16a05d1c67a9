import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { rendererClock, rendererPeak } from './machine.ts';
import type { Bench } from './page.ts';
import type { Place } from './place.ts';
import { serve } from './server.ts';

type InPage = { bench: Bench };

/** The page, built as for publication and served; `files` is a folder of networks. */
export async function servePage(files: string): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = await mkdtemp(join(tmpdir(), 'atrous-bench-page-'));
  const root = fileURLToPath(new URL('..', import.meta.url));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@atrous/source', ...defaultClientConditions] },
    worker: { format: 'es' },
    build: {
      outDir,
      minify: false, // TensorFlow.js starts its threads from the text of a function, which minifying breaks
      emptyOutDir: true,
      target: 'esnext',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1 << 14,
    },
  });
  await symlink(files, join(outDir, 'files'));
  // LiteRT.js finds its modules by their names in a folder.
  const litert = dirname(dirname(fileURLToPath(import.meta.resolve('@litertjs/core'))));
  await symlink(join(litert, 'wasm'), join(outDir, 'litert'));
  const { url, close } = await serve(outDir);
  return {
    url,
    async close() {
      await close();
      await rm(outDir, { recursive: true });
    },
  };
}

/** Debian's Chromium on the page, cross-origin isolated; a fresh browser each time. */
export async function openBrowser(url: string, flags: readonly string[]): Promise<Place> {
  async function withPage<T>(threads: number, use: (page: Page) => Promise<T>): Promise<T> {
    const browser = await chromium.launch({
      executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', ...flags],
    });
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
      page.setDefaultTimeout(300_000);
      // TensorFlow.js takes half the cores at most, however many threads it is told to use.
      const cores = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${2 * threads} })`;
      if (threads > 1) await page.addInitScript(cores);
      let clock: (() => number | undefined) | undefined;
      await page.exposeFunction('cpuClock', () => {
        clock ??= rendererClock();
        return clock();
      });
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
    flags,
    files: `${url}files/`,
    contenders: () =>
      withPage(1, (page) => page.evaluate(() => (globalThis as unknown as InPage).bench.contenders)),
    compare: (names, request, effort) =>
      withPage(request.threads, (page) =>
        page.evaluate((given) => (globalThis as unknown as InPage).bench.compare(...given), [
          names,
          request,
          effort,
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
  };
}
