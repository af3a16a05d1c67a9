import { contentSecurityPolicy, isolation } from './headers.ts';

/**
 * Makes the studio work without a network, and gives its responses the headers that threads need. The page's own files
 * are kept from the start, the people model too; runtimes of others when they are used. Models keep themselves in
 * Cache Storage (`atrous`).
 */
declare const self: ServiceWorkerGlobalScope;
declare const __PRECACHE__: { readonly version: string; readonly files: readonly string[] };

const { version, files } = __PRECACHE__;
const cacheName = `studio-${version}`;
const modelCache = 'atrous';
const firstModel = ['models/people/config.json', 'models/people/model.fp16.safetensors'];
const urlOf = (file: string) => new URL(file, self.registration.scope).href;
const page = () => urlOf('index.html');

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
  return response;
}

self.addEventListener('activate', (event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith('studio-') && name !== cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
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
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (!url.href.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request, url));
});

async function answer(request: Request, url: URL): Promise<Response> {
  const path = url.href.slice(self.registration.scope.length).replace(/[?#].*/, '');
  if (path.startsWith('models/')) return withHeaders(await fetch(request));
  const cache = await caches.open(cacheName);
  const known = await cache.match(request.mode === 'navigate' ? page() : url.href, { ignoreSearch: true });
  if (known) return withHeaders(known);
  const response = await fetch(request);
  if (response.ok && path.startsWith('runtimes/')) await cache.put(url.href, response.clone());
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
