import type { Plugin } from 'vite';

/** How our packages name a worker of theirs. */
const named = /new URL\('(\.\/worker_\w+\.ts)', import\.meta\.url\)/;

/**
 * For pages from source: packages name their workers by URL, which bundlers copy as they are. What is published is JavaScript without
 * imports, but the source is neither: builds bundle it, and the development server is told that it is a worker's.
 */
export function sourceWorkers(): Plugin {
  let isBuild = false;
  return {
    name: 'source-workers',
    enforce: 'pre',
    configResolved({ command }) {
      isBuild = command === 'build';
    },
    transform(code, id) {
      const [text, file] = (id.includes('/packages/') && named.exec(code)) || [];
      if (text === undefined) return undefined;
      if (!isBuild) return code.replace(text, `new URL('${file}?worker_file&type=module', import.meta.url)`);
      const bundled = code.replace(text, 'new URL(ownWorkerUrl, import.meta.url)');
      return `import ownWorkerUrl from '${file}?worker&url';\n${bundled}`;
    },
  };
}
