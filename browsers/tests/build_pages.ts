import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions } from 'vite';
import type { TestProject } from 'vitest/node';
import buildSite from '../../apps/studio/tests/build_site.ts';
import { sourceWorkers } from '../../scripts/source_workers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built page of engines, with models and pictures in it. */
    readonly page: string;
  }
}

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Builds the studio and the page of engines once, as they would be published. */
export default async function buildPages(project: TestProject): Promise<() => Promise<void>> {
  const removeSite = buildSite(project);
  const outDir = await mkdtemp(join(tmpdir(), 'atrous-engines-'));
  await build({
    root: fromRoot('browsers/page'),
    configFile: false,
    base: './',
    logLevel: 'error',
    resolve: { conditions: ['@atrous/source', ...defaultClientConditions] },
    plugins: [sourceWorkers()],
    worker: { format: 'es', plugins: () => [sourceWorkers()] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      minify: false, // TensorFlow.js starts its threads from the text of a function, which minifying breaks
      chunkSizeWarningLimit: 1 << 14,
    },
  });
  await symlink(fromRoot('packages'), join(outDir, 'packages'));
  await symlink(fromRoot('apps/cli/examples'), join(outDir, 'pictures'));
  project.provide('page', outDir);
  return async () => {
    removeSite();
    await rm(outDir, { recursive: true });
  };
}
