import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { download } from './download.ts';
import type { OpenOptions } from './model_folder.ts';
import type { Progress } from './progress.ts';
import { pages, text } from './test_bad_server.ts';
import { startServer } from './test_server.ts';

const expected = (bytes: number) => ({ expected: { bytes, sha256: '' } });

let server: Awaited<ReturnType<typeof startServer>>;
/** The bytes that pages were read to, decoded, by whoever fetched them. */
let read = 0;
let closed: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  server = await startServer((request, response) => {
    closed = new Promise((resolve) => response.once('close', resolve));
    pages[request.url ?? '']?.(request, response);
  });
});
afterAll(() => server.close());

/** fetch that counts what is read of the body. */
const counting: typeof fetch = async (...args) => {
  const response = await fetch(...args);
  read = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      read += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(count), response);
};

const get = (page: string, options: OpenOptions & { stallTimeout?: number; fetch?: typeof fetch } = {}) =>
  download(server.url + page, { fetch, stallTimeout: 10_000, ...options });

describe('a body that is whole', () => {
  test.each(['/good', '/moved', '/compressed', '/slow'])('%s comes as it is', async (page) => {
    const steps: Progress[] = [];
    const blob = await get(page, { stallTimeout: 300, onProgress: (step) => steps.push(step) });
    expect(await blob.text()).toBe(text(1000));
    expect(steps.at(-1)).toEqual({
      phase: 'download',
      file: server.url + page,
      loaded: 1000,
      // of a compressed or chunked body nobody knows it
      total: page === '/good' || page === '/moved' ? 1000 : undefined,
    });
  });
  test('in chunks of any size is gathered in order', async () => {
    const bytes = new Uint8Array(6 << 20).map((_, i) => (i * i) >> 7);
    const sizes = fc.array(fc.oneof(fc.nat(9), fc.integer({ min: (1 << 20) - 2, max: (1 << 20) + 2 })), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        let end = 0;
        const body = new ReadableStream({
          start(controller) {
            for (const length of lengths) {
              controller.enqueue(bytes.subarray(end, end + length));
              end += length;
            }
            controller.close();
          },
        });
        const blob = await get('/', { fetch: async () => new Response(body) });
        expect(Buffer.compare(new Uint8Array(await blob.arrayBuffer()), bytes.subarray(0, end))).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
  test('that is or may be compressed has another length than was announced', async () => {
    for (const [length, type, encoding] of [
      [900, 'cors', ''],
      [1100, 'cors', ''],
      [900, 'basic', 'gzip'],
      [1100, 'basic', 'gzip'],
    ] as const) {
      const headers = { 'content-length': String(length), ...(encoding && { 'content-encoding': encoding }) };
      const response = Object.defineProperty(new Response(text(1000), { headers }), 'type', { value: type });
      expect((await get('/', { fetch: async () => response, ...expected(1000) })).size).toBe(1000);
    }
  });
  test('of another origin has the announced length as its total while that holds', async () => {
    for (const length of [900, 1000]) {
      const headers = { 'content-length': String(length) };
      const response = Object.defineProperty(new Response(text(1000), { headers }), 'type', {
        value: 'cors',
      });
      const totals: unknown[] = [];
      await get('/', { fetch: async () => response, onProgress: ({ total }) => totals.push(total) });
      expect(totals).toEqual([length === 1000 ? 1000 : undefined]);
    }
  });
});

/** What is wrong, with what is asked of the page, and what is said. */
const failures: [page: string, options: Parameters<typeof get>[1], code: string, message: RegExp][] = [
  ['/missing', {}, 'not-found', /the server answers 404 Not Found, expected 200$/],
  ['/part', {}, 'not-found', /the server answers 206 Partial Content/],
  ['/empty', {}, 'not-found', /the server answers 204/],
  ['/refused', {}, 'not-found', /cannot be fetched: fetch failed \(other side closed\)/],
  ['/silent', { stallTimeout: 50 }, 'not-found', /cannot be fetched: nothing came for 0.05 s/],
  [
    '/stalled',
    { stallTimeout: 50 },
    'integrity',
    /broke off after 400 of 1000 bytes: nothing came for 0.05 s/,
  ],
  ['/cut', {}, 'integrity', /broke off after 400 of 1000 bytes: terminated \(other side closed\); try again/],
  ['/cut-chunks', {}, 'integrity', /broke off after 400 bytes: terminated/],
  ['/not-gzip', {}, 'integrity', /broke off after 0 bytes: terminated \(incorrect header check\)/],
  ['/huge', { limit: 1 << 22 }, 'format', /more than 4194304 bytes/],
  ['/huge', expected(1 << 22), 'integrity', /expected 4194304 bytes, the server sends more/],
  ['/endless', { limit: 1 << 22 }, 'format', /more than 4194304 bytes/],
  ['/endless', expected(1 << 22), 'integrity', /expected 4194304 bytes, the server sends more/],
  ['/bomb', { limit: 1 << 22 }, 'format', /more than 4194304 bytes/],
  ['/bomb', expected(1 << 22), 'integrity', /expected 4194304 bytes, the server sends more/],
  ['/good', expected(1001), 'integrity', /expected 1001 bytes, the server sent 1000$/],
  ['/good', expected(999), 'integrity', /expected 999 bytes, the server sends more$/],
  ['/page', expected(999), 'integrity', /the server sent 15 \(an HTML page\)/],
  ['/login', expected(999), 'integrity', /the server sent 15 \(an HTML page, redirected to http.*\/page\)/],
];

describe('a body that is not', () => {
  test.each(failures)('%s, %j: %s', async (page, options, code, message) => {
    const url = server.url + page;
    await expect(get(page, options)).rejects.toMatchObject({
      name: 'AtrousError',
      code,
      message: expect.stringMatching(message),
    });
    await expect(get(page, options)).rejects.toThrow(url);
  });
  test.each(['/endless', '/bomb'])(
    '%s is read to its limit and no further, and the connection ends',
    async (page) => {
      await expect(get(page, { fetch: counting, limit: 1 << 20 })).rejects.toThrow('more than 1048576 bytes');
      expect(read).toBeGreaterThan(1 << 20);
      expect(read).toBeLessThan((1 << 20) + (1 << 18));
      await closed;
    },
  );
  test('ends the connection that stalled', async () => {
    await expect(get('/stalled', { stallTimeout: 50 })).rejects.toThrow();
    await closed;
  });
  test('ends where the body comes from elsewhere', async () => {
    const cancel = vi.fn();
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10)), cancel });
    await expect(get('/', { fetch: async () => new Response(body), limit: 100 })).rejects.toThrow(
      'more than 100',
    );
    expect(cancel).toHaveBeenCalled();
  });
  test('cut where fetch says nothing of it', async () => {
    const headers = { 'content-length': '10' };
    await expect(get('/', { fetch: async () => new Response('123', { headers }) })).rejects.toThrow(
      'broke off after 3 of 10 bytes',
    );
  });
  test('that may not be read says what is missing', async () => {
    const response = Object.defineProperty(new Response('x'), 'type', { value: 'opaque' });
    await expect(get('/', { fetch: async () => response })).rejects.toThrow('has to allow CORS');
  });
  test('larger than 4 GiB is refused where nobody knows how large it should be', async () => {
    const headers = { 'content-length': String(2 ** 32 + 1) };
    await expect(get('/', { fetch: async () => new Response('x', { headers }) })).rejects.toThrow(
      'more than 4294967296 bytes',
    );
  });
});

describe('an abort', () => {
  const never: typeof fetch = () => new Promise(() => {});
  const neverRead: typeof fetch = async () =>
    new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  test.each([
    ['before the answer', '/silent', fetch],
    ['in the body', '/stalled', fetch],
    ['where fetch does not hear of it', '/', never],
    ['where the body does not', '/', neverRead],
  ] as const)('%s rejects with its reason', async (_, page, fetch) => {
    const stop = new AbortController();
    setTimeout(() => stop.abort('enough'), 30);
    await expect(get(page, { fetch, signal: stop.signal })).rejects.toBe('enough');
    if (fetch === globalThis.fetch) await closed;
  });
  test('before the request is none', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    await expect(get('/good', { fetch, signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
    expect(fetch).not.toHaveBeenCalled();
  });
});

test('no timer is left that would keep a process alive', async () => {
  vi.useFakeTimers();
  try {
    await get('/', { fetch: async () => new Response('x') });
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
