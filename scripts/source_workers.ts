import type { Plugin } from 'vite';

/** How our packages name a worker of theirs. */
const named = /new URL\('(\.\/worker_\w+\.ts)', import\.meta\.url\)/;

/**
 * For builds from source: packages name their workers by URL, which bundlers copy as they are. What is published is JavaScript without
 * imports, but the source is neither, so it is bundled.
 */
export const sourceWorkers = (): Plugin => ({
  name: 'source-workers',
  apply: 'build',
  enforce: 'pre',
  transform(code, id) {
    const found = id.includes('/packages/') ? named.exec(code) : null;
    if (!found) return undefined;
    const bundled = code.replace(found[0], 'new URL(ownWorkerUrl, import.meta.url)');
    return `import ownWorkerUrl from '${found[1]}?worker&url';\n${bundled}`;
  },
});
