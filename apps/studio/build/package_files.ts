import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const resolve = createRequire(import.meta.url).resolve;

/**
 * Files of packages at URLs of their own, neither hashed nor inlined: models, whose config names their files, and
 * binaries that a library finds by name.
 * @param files URL below the base → file of a package
 */
export function packageFiles(files: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'package-files',
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const file = files[(request.url ?? '').split('?')[0].replace(/^\//, '')];
        if (!file) return next();
        const type = file.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
        response.setHeader('Content-Type', file.endsWith('.json') ? 'application/json' : type);
        createReadStream(resolve(file)).pipe(response);
      });
    },
    generateBundle() {
      for (const [fileName, file] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(resolve(file)) });
      }
    },
  };
}
