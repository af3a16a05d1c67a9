import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** What stands for the list in the service worker's source. */
const placeholder = '__PRECACHE__';

/**
 * Gives the service worker the list of files that it fetches on its first day, and a version that changes with any of
 * them, so that a browser sees the new one.
 * @param isPrecached by file name, below the base
 * @param firstModel the files of the model that is kept from the start, its config last
 */
export function serviceWorker(isPrecached: (file: string) => boolean, firstModel: readonly string[]): Plugin {
  let publicFiles: readonly (readonly [name: string, content: Buffer])[] = [];
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    configResolved({ publicDir }) {
      publicFiles = readdirSync(publicDir).map((name) => [name, readFileSync(join(publicDir, name))]);
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = bundle['service_worker.js'];
        if (worker?.type !== 'chunk') this.error('there is no service_worker.js to give a list to');
        if (worker.imports.length > 0) this.error(`the service worker imports ${worker.imports.join(', ')}`);
        const version = createHash('sha256').update(worker.code);
        for (const [name, file] of Object.entries(bundle)) {
          version.update(name).update(file.type === 'chunk' ? file.code : file.source);
        }
        for (const [name, content] of publicFiles) version.update(name).update(content);
        const files = [...Object.keys(bundle), ...publicFiles.map(([name]) => name)]
          .filter((file) => file !== 'service_worker.js' && isPrecached(file))
          .sort();
        const precache = { version: version.digest('hex').slice(0, 16), files, firstModel };
        if (!worker.code.includes(placeholder)) this.error(`the service worker does not name ${placeholder}`);
        worker.code = worker.code.replace(placeholder, JSON.stringify(precache));
      },
    },
  };
}
