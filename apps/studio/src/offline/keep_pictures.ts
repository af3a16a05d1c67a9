import { pictures } from '../state/pictures.ts';

/** Where pictures wait while the page is reloaded. */
const cacheName = `reload:${new URL(document.baseURI).pathname}`;

/** Keeps the film strip's files over a reload. */
export async function keepPictures(): Promise<void> {
  await caches.delete(cacheName); // what an earlier reload may have left
  const cache = await caches.open(cacheName);
  // one by one: they come back in the order in which they went in
  for (const [i, { name, file, credit }] of pictures.value.entries()) {
    const headers = { 'X-Name': encodeURIComponent(name), 'X-Credit': encodeURIComponent(credit ?? '') };
    await cache.put(`${document.baseURI}reload/${i}`, new Response(file, { headers }));
  }
}

/** What was kept, once. */
export async function takeKeptPictures(): Promise<{ name: string; file: File; credit?: string }[]> {
  if (!globalThis.caches || !(await caches.has(cacheName))) return [];
  const cache = await caches.open(cacheName);
  const responses = await cache.matchAll();
  const kept = await Promise.all(
    responses.map(async (response) => {
      const read = (header: string) => decodeURIComponent(response.headers.get(header) ?? '');
      const blob = await response.blob();
      const name = read('X-Name');
      return {
        name,
        file: new File([blob], name, { type: blob.type }),
        credit: read('X-Credit') || undefined,
      };
    }),
  );
  await caches.delete(cacheName);
  return kept;
}
