import { type ByteSource, blobBytes } from '@atrous/checkpoint';
import { AtrousError, messageOf } from '@atrous/tensor';
import { verify } from './integrity.ts';

export interface Progress {
  readonly phase: 'download' | 'verify';
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all; undefined where a server does not say. */
  readonly total?: number;
}

export interface OpenOptions {
  /** Checked before the file is used. */
  readonly expected?: { readonly bytes: number; readonly sha256: string };
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Where the files of a model lie. */
export interface ModelFiles {
  readonly name: string;
  /** @throws AtrousError `not-found`, `integrity` */
  open(file: string, options?: OpenOptions): Promise<ByteSource>;
}

/** Two methods of the Cache API: `caches.open('…')` is one, and anything with them will do. */
export interface ModelCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

export interface UrlOptions {
  readonly cache?: ModelCache;
  readonly fetch?: typeof fetch;
}

/** Files that somebody chose or dropped. */
export function blobFiles(files: Iterable<File>): ModelFiles {
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
 * Files below a URL, or each at its own. With a cache, checked files are kept and used again while their checksum
 * is the one that `config.json` asks for; without a network the cached `config.json` serves.
 * @param location a folder's URL, or file name → URL
 */
export function urlFiles(
  location: string | URL | Readonly<Record<string, string | URL>>,
  { cache, fetch: get = fetch }: UrlOptions = {},
): ModelFiles {
  const isFolder = typeof location === 'string' || location instanceof URL;
  const urlOf = (file: string): string => {
    if (isFolder) return `${String(location).replace(/\/*$/, '/')}${file}`;
    const url = location[file];
    if (url === undefined) {
      throw new AtrousError(
        'not-found',
        `${file} is not among the URLs given: ${Object.keys(location).join(', ')}`,
      );
    }
    return String(url);
  };

  const cached = async (url: string, options: OpenOptions): Promise<ByteSource | undefined> => {
    try {
      const hit = await cache?.match(url);
      if (!hit) return undefined;
      const bytes = blobBytes(await hit.blob(), url);
      await verify(bytes, options);
      return bytes;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      return undefined; // a cache that fails or is stale is no cache
    }
  };

  return {
    name: isFolder ? String(location) : Object.values(location).join(', '),
    async open(file, options = {}) {
      const url = urlOf(file);
      const known = options.expected && (await cached(url, options));
      if (known) return known;
      let blob: Blob;
      try {
        blob = await download(url, get, options);
      } catch (error) {
        const fallback = options.expected || options.signal?.aborted ? undefined : await cached(url, options);
        if (fallback) return fallback;
        throw error;
      }
      const bytes = blobBytes(blob, url);
      await verify(bytes, options);
      await cache?.put(url, new Response(blob)).catch(() => {}); // full or forbidden: the next visit downloads again
      return bytes;
    },
  };
}

async function download(
  url: string,
  get: typeof fetch,
  { expected, onProgress, signal }: OpenOptions,
): Promise<Blob> {
  const response = await get(url, { signal }).catch((cause) => {
    signal?.throwIfAborted();
    throw new AtrousError('not-found', `${url}: cannot be fetched: ${messageOf(cause)}`, { cause });
  });
  if (!response.ok)
    throw new AtrousError(
      'not-found',
      `${url}: the server answers ${response.status} ${response.statusText}`,
    );
  const length = Number(response.headers.get('content-length'));
  const total = expected?.bytes ?? (length > 0 ? length : undefined);
  const pieces: BlobPart[] = [];
  let loaded = 0;
  if (response.body) {
    const reader = response.body.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      pieces.push(step.value);
      loaded += step.value.byteLength;
      onProgress?.({ phase: 'download', file: url, loaded, total });
      if (expected && loaded > expected.bytes) {
        await reader.cancel();
        throw new AtrousError('integrity', `${url}: expected ${expected.bytes} bytes, the server sends more`);
      }
    }
  }
  return new Blob(pieces);
}
