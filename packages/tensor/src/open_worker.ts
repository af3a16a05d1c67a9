import { AtrousError, messageOf } from './error.ts';

/** Scripts of this origin that import one of another, by that one's URL: some bytes each, kept for the next worker. */
const importers = new Map<string, string>();

/** A URL that a worker may start from here. Turbopack's have no origin, and a path for an `href`. */
function startable(url: URL): string {
  const { href, origin, protocol } = new URL(
    url.href,
    globalThis.document?.baseURI ?? globalThis.location.href,
  );
  if (origin === globalThis.origin || protocol === 'blob:' || protocol === 'data:') return href;
  const script = `import ${JSON.stringify(href)};`;
  // a sandboxed document has no origin, and Chromium starts no modules from its blobs
  if (globalThis.origin === 'null') return `data:text/javascript,${encodeURIComponent(script)}`;
  const known = importers.get(href);
  if (known !== undefined) return known;
  const importer = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  importers.set(href, importer);
  return importer;
}

/**
 * Starts a web worker from a module, wherever that lies: browsers start workers from their own origin alone, so that what comes from
 * another one, which has to allow it (CORS), is imported by a script of ours. Where its script cannot be loaded, the worker says so
 * later, by an `error` event.
 * @throws AtrousError `unavailable` that names the URL, where this page may have no worker
 */
export function openWorker(url: URL, name?: string): Worker {
  try {
    return new Worker(startable(url), { type: 'module', name });
  } catch (cause) {
    throw new AtrousError('unavailable', `${url.href}: ${messageOf(cause)}`, { cause });
  }
}
