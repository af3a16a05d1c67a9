import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { sourceWorkers } from '../../scripts/source_workers.ts';
import { rendererClock, rendererPeak } from './machine.ts';
import type { Bench } from './page.ts';
import type { Place } from './place.ts';
import type { LoadTimes } from './results.ts';
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
  await symlink(files, join(outDir, 'files'));
  const models = fileURLToPath(new URL('../../packages/model-people', import.meta.url));
  await mkdir(join(outDir, 'models'));
  await symlink(models, join(outDir, 'models', 'people'));
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

const launchOptions = (flags: readonly string[]): LaunchOptions => ({
  executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', ...flags],
});

const launch = (flags: readonly string[]): Promise<Browser> => chromium.launch(launchOptions(flags));

/** Debian's Chromium: `150.0.7871.100`. */
export async function browserVersion(): Promise<string> {
  const browser = await launch([]);
  try {
    return browser.version();
  } finally {
    await browser.close();
  }
}

/** It, on the page, cross-origin isolated; a fresh browser each time. */
export function openBrowser(url: string, version: string, flags: readonly string[]): Place {
  async function withPage<T>(threads: number, use: (page: Page) => Promise<T>): Promise<T> {
    const browser = await launch(flags);
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

const visits = 3;

/**
 * A browser whose pages come one after the other and share what they keep: in a profile on disk, as visitors have one. A private window's files
 * are in the memory of another process, which takes longer.
 */
export async function measureLoads(url: string, folder: string): Promise<LoadTimes> {
  const profile = await mkdtemp(join(tmpdir(), 'atrous-bench-profile-'));
  const context = await chromium.launchPersistentContext(profile, launchOptions([]));
  try {
    const visit = async (isPacked: boolean): Promise<number> => {
      const page = await context.newPage();
      try {
        page.setDefaultTimeout(300_000);
        await page.goto(url);
        await page.waitForFunction('globalThis.bench !== undefined');
        return await page.evaluate((given) => (globalThis as unknown as InPage).bench.load(...given), [
          folder,
          isPacked,
        ] as const);
      } finally {
        await page.close();
      }
    };
    const repeated = async (isPacked: boolean): Promise<number[]> => {
      const times: number[] = [];
      for (let i = 0; i < visits; i++) times.push(await visit(isPacked));
      return times;
    };
    const first = await visit(false);
    const cached = await repeated(false);
    await visit(true); // packed weights are kept here
    return { first, cached, packed: await repeated(true) };
  } finally {
    await context.close();
    await rm(profile, { recursive: true });
  }
}
