import { contentSecurityPolicy, isolation } from './headers.ts';

/**
 * Makes the studio work without a network, and gives its responses the headers that threads need. The page's own files
 * are kept from the start, the model of the first mask too; runtimes of others when they are used. Models keep
 * themselves in Cache Storage (`atrous`).
 */
declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: {
  readonly version: string;
  readonly files: readonly string[];
  /** The config last: what it asks for is there then. */
  readonly firstModel: readonly string[];
};

const { version, files, firstModel } = __PRECACHE__;
/** Of this folder: another one on the same host may have a studio of its own. */
const ownPrefix = `studio:${new URL(self.registration.scope).pathname}:`;
const cacheName = `${ownPrefix}${version}`;
/** `modelCacheName` of the segmenter, which is too much to import here. */
const modelCache = 'atrous';
const urlOf = (file: string) => new URL(file, self.registration.scope).href;

self.addEventListener('install', (event) => event.waitUntil(Promise.all([keepPage(), keepModel()])));

async function keepPage(): Promise<void> {
  const cache = await caches.open(cacheName);
  await Promise.all(
    files.map(async (file) => {
      const url = urlOf(file);
      // names with a hash never change: an older version's copy will do
      const known = file.startsWith('assets/') ? await caches.match(url) : undefined;
      await cache.put(url, known ?? (await get(url, file.startsWith('assets/') ? 'default' : 'no-cache')));
    }),
  );
}

/** The page has it already, as a rule; without it there would be nothing to do offline. */
async function keepModel(): Promise<void> {
  const cache = await caches.open(modelCache);
  for (const url of firstModel.map(urlOf)) {
    if (!(await cache.match(url))) await cache.put(url, await get(url, 'default'));
  }
}

async function get(url: string, cache: RequestCache): Promise<Response> {
  const response = await fetch(url, { cache });
  if (!response.ok) throw new Error(`${url}: the server answers ${response.status}`);
  // hosts that answer a page for whatever they do not have
  const isPage = response.headers.get('content-type')?.startsWith('text/html') && !url.endsWith('.html');
  if (isPage) throw new Error(`${url}: the server answers with a page`);
  // hosts that lead index.html to its folder: no browser takes a redirected answer for a page
  return response.redirected ? new Response(response.body, response) : response;
}

self.addEventListener('activate', (event) => {
  const clean = async () => {
    // the version before stays for tabs that still show it
    const old = (await caches.keys()).filter((name) => name.startsWith(ownPrefix) && name !== cacheName);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

/** The page asks for it when its visitor has agreed to a reload. */
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return;
  const path = request.url.slice(self.registration.scope.length).replace(/[?#].*/, '');
  if (path === '' || files.includes(path)) event.respondWith(own(path || 'index.html'));
  else if (/^(assets|runtimes)\//.test(path)) event.respondWith(used(event));
  // models keep themselves, and a download that ends here at once when nobody wants it any more would go on behind an
  // answer of ours; whatever else lies below the same folder is not the studio's
});

/** A file of this version. */
async function own(path: string): Promise<Response> {
  const cache = await caches.open(cacheName);
  return withHeaders((await cache.match(urlOf(path))) ?? (await fetch(urlOf(path))));
}

/** A file that an older page wants, or that is kept when it is used; its name has a hash. */
async function used(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const known = await caches.match(request);
  const response = known ?? (await fetch(request));
  if (response.ok && request.url.startsWith(urlOf('runtimes/'))) {
    const copy = response.clone();
    const keep = async () => {
      const cache = await caches.open(cacheName);
      if (!(await cache.match(request))) await cache.put(request, copy);
    };
    event.waitUntil(keep().catch(() => {})); // no room: it comes from the network the next time
  }
  return withHeaders(response);
}

/** The same response, with the headers that an isolated page and its workers need. */
function withHeaders(response: Response): Response {
  if (response.status === 0 || response.redirected) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(isolation)) headers.set(name, value);
  headers.set('Content-Security-Policy', contentSecurityPolicy);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
