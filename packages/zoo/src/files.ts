import { blobBytes } from '@atrous/checkpoint';
import { AtrousError } from '@atrous/tensor';
import { keptFiles, type ModelCache, put } from './cache.ts';
import { download } from './download.ts';
import { verify } from './integrity.ts';
import type { ModelFolder } from './model_folder.ts';
import { checkTimeout } from './wait.ts';

export interface UrlOptions {
  readonly cache?: ModelCache;
  readonly fetch?: typeof fetch;
  /** A download fails when so many milliseconds pass without a byte; `Infinity` waits for ever. @default 30_000 */
  readonly stallTimeout?: number;
}

/** Files that somebody chose or dropped. */
export function blobFiles(files: Iterable<File>): ModelFolder {
  const byName = new Map([...files].map((file) => [file.name, file]));
  return {
    name: [...byName.keys()].join(', ') || 'no files',
    async open(file, options = {}) {
      const blob = byName.get(file);
      if (!blob) {
        throw new AtrousError(
          'not-found',
          `${file} is not among the files given: ${[...byName.keys()].join(', ')}`,
        );
      }
      const bytes = blobBytes(blob, file);
      await verify(bytes, options);
      return bytes;
    },
  };
}

/**
 * Files below a URL, or each at its own. `open` downloads; `kept` has the copies in the cache.
 * @param location a folder's URL, or file name → URL
 * @throws AtrousError `input` for a `stallTimeout` that is no time
 */
export function urlFiles(
  location: string | URL | Readonly<Record<string, string | URL>>,
  { cache, fetch: get = fetch, stallTimeout = 30_000 }: UrlOptions = {},
): ModelFolder {
  checkTimeout('stallTimeout', stallTimeout);
  const isFolder = typeof location === 'string' || location instanceof URL;
  const urlOf = (file: string): string => {
    if (isFolder) return inFolder(String(location), file);
    const url = Object.hasOwn(location, file) ? location[file] : undefined;
    if (url === undefined) {
      throw new AtrousError(
        'not-found',
        `${file} is not among the URLs given: ${Object.keys(location).join(', ')}`,
      );
    }
    return String(url);
  };
  return {
    name: isFolder ? String(location) : Object.values(location).join(', '),
    async open(file, options = {}) {
      const url = urlOf(file);
      const blob = await download(url, { ...options, fetch: get, stallTimeout });
      const bytes = blobBytes(blob, url);
      await verify(bytes, options);
      return cache ? { ...bytes, keep: () => put(cache, url, blob) } : bytes;
    },
    ...(cache && { kept: keptFiles(cache, urlOf) }),
  };
}

/** A file's URL in a folder's, whose query (a signature, a version) stays. */
function inFolder(folder: string, file: string): string {
  const [address] = folder.split('#', 1);
  const [path, ...query] = address.split(/(?=\?)/);
  return `${path.replace(/\/*$/, '/')}${file}${query.join('')}`;
}
