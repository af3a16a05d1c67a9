import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { decodeLabelPng } from '@atrous/mask';
import type { Segmenter } from '@atrous/segmenter';
import { fileFormats } from '@atrous/segmenter/files';
import type { FastifyInstance } from 'fastify';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createServer, type ServeOptions } from './index.ts';
import { bomb, png, tinySegmenter } from './test_server.ts';

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await tinySegmenter();
});
afterAll(() => segmenter.dispose());

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(options: ServeOptions = {}, model: Segmenter = segmenter) {
  const server = await createServer(model, options);
  open.push(server);
  const origin = await server.listen({ host: '127.0.0.1', port: 0 });
  const post = (
    query = '',
    body: RequestInit['body'] = png(),
    type: string | undefined = 'image/png',
    init: RequestInit = {},
  ) =>
    fetch(`${origin}/segment${query}`, {
      method: 'POST',
      body,
      headers: type ? { 'content-type': type } : {},
      ...init,
    });
  return { server, origin, post };
}

/** A problem's status and words, checked to be one. */
async function problem(response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { type, title, status, detail, instance } = (await response.json()) as Record<string, unknown>;
  expect([type, typeof title, status]).toEqual(['about:blank', 'string', response.status]);
  if (instance !== undefined) expect(instance).toBe(`urn:request:${response.headers.get('x-request-id')}`);
  expect(detail).not.toMatch(/\bat .*\.[jt]s:\d+/);
  return `${status} ${detail}`;
}

describe('a picture in the body, a file back', () => {
  test('in every format, with its type', async () => {
    const { post } = await serve();
    const expected = await segmenter.segment(png());
    for (const [format, { type }] of Object.entries(fileFormats)) {
      const response = await post(`?format=${format}`);
      expect([format, response.status, response.headers.get('content-type')]).toEqual([format, 200, type]);
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
      if (format === 'mask' || format === 'labels')
        expect(decodeLabelPng(bytes, format).data).toEqual(expected.labels.data);
    }
  });

  test('of any type that is read, named or not', async () => {
    const { post } = await serve();
    for (const type of ['jpeg', 'webp', 'avif', 'gif', 'tiff'] as const) {
      const bytes = new Uint8Array(await sharp(png()).toFormat(type).toBuffer());
      for (const said of [`image/${type}`, 'application/octet-stream']) {
        const response = await post('', bytes, said);
        expect([said, response.status]).toEqual([said, 200]);
      }
    }
  });

  test('with the words of the command', async () => {
    const { post } = await serve();
    const query = '?format=cutout&classes=sky,1&hardEdges=true&scales=0.5,1&flip=true&minConfidence=0.2';
    expect((await post(query)).status).toBe(200);
    const { labels } = await segmenter.segment(png(), { scales: [0.5, 1], flip: true, minConfidence: 0.2 });
    const mask = await post('?scales=0.5,1&flip=true&minConfidence=0.2');
    expect(decodeLabelPng(new Uint8Array(await mask.arrayBuffer()), 'mask').data).toEqual(labels.data);
  });

  test('many at once are all answered, each with its own', async () => {
    const { post } = await serve();
    const sizes = Array.from({ length: 20 }, (_, i) => 20 + i);
    const answers = await Promise.all(
      sizes.map(async (size) => (await post('', png(size, size))).arrayBuffer()),
    );
    expect(answers.map((bytes) => decodeLabelPng(new Uint8Array(bytes), 'mask').width)).toEqual(sizes);
  });
});

describe('what is refused, and with which words', () => {
  test.each([
    ['?format=bmp', 'format: expected one of mask, labels'],
    ['?format=mask&format=svg', 'format: '],
    ['?file=../../etc/passwd', 'unknown option "file": expected some of format, scales'],
    ['?url=http://127.0.0.1/', 'unknown option "url"'],
    ['?__proto__=1', 'unknown option'],
    ['?scales=NaN', 'scales: expected up to 6 numbers from 0.25 to 2 with commas between, got "NaN"'],
    ['?scales=', 'scales: expected'],
    ['?scales=1,1,1,1,1,1,1', 'scales: expected up to 6'],
    ['?scales=1000', 'scales: expected'],
    ['?flip=maybe', 'flip: must be boolean'],
    ['?minConfidence=NaN', 'minConfidence: must be number'],
    ['?minConfidence=Infinity', 'minConfidence: expected a finite number'],
    ['?minConfidence=1', 'minConfidence: must be <= 0.999'],
    ['?window=63', 'window: must be >= 64'],
    ['?format=cutout&classes=tree!', 'unknown class "tree!": expected one of sky'],
    ['?format=cutout&classes=,', 'classes: expected names'],
    ['?classes=sky', 'classes: changes nothing in format mask; it is for cutout'],
    ['?format=svg&opacity=1', 'opacity: changes nothing in format svg; it is for overlay'],
  ])('%s', async (query, words) => {
    const { post } = await serve();
    expect(await problem(await post(query))).toContain(`400 ${words}`);
  });

  test('bodies', async () => {
    const { post } = await serve({ maxBytes: 100_000, maxPixels: 10_000 });
    const text = new TextEncoder();
    const svg = text.encode(
      '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    );
    const heic = text.encode('\0\0\0\x18ftypheic\0\0\0\0mif1heic');
    for (const [body, type, words] of [
      [new Uint8Array(), 'image/png', '400 no body'],
      [png().subarray(0, 60), 'image/png', '422 picture: not a picture that can be read'],
      [png(100, 101), 'image/png', '422 picture: 100×101 is 10100 pixels: expected at most 10000'],
      [bomb(60_000, 60_000), 'image/png', '422 picture: 60000×60000 is'],
      [svg, 'image/png', '422 not a picture that is read here: expected image/png'],
      [heic, 'image/png', '422 not a picture that is read here'],
      [svg, 'image/svg+xml', '415 Content-Type "image/svg+xml": expected image/png'],
      [png(), 'text/html', '415 Content-Type "text/html"'],
      [png(), 'multipart/form-data; boundary=x', '415 Content-Type'],
      [new Uint8Array(100_001), 'image/png', '413 the body has too many bytes: expected at most 100000'],
    ] as const) {
      expect(await problem(await post('', body, type))).toContain(words);
    }
    const zipped = { headers: { 'content-type': 'image/png', 'content-encoding': 'gzip' } };
    expect(await problem(await post('', png(), undefined, zipped))).toContain('415 Content-Encoding');
  });

  test('paths and methods', async () => {
    const { origin } = await serve();
    expect(await problem(await fetch(`${origin}/segment`))).toContain('404 GET /segment: POST a picture');
    expect(await problem(await fetch(`${origin}/../../etc/passwd`))).toContain('404 GET /etc/passwd');
    expect(await problem(await fetch(`${origin}/docs/static/%2e%2e%2f%2e%2e%2fpackage.json`))).toMatch(/^4/);
  });

  test('limits that cannot be', async () => {
    await expect(createServer(segmenter, { concurrency: 0 })).rejects.toThrow(
      'concurrency: expected a whole number of at least 1, got 0',
    );
  });

  test('what is no HTTP', async () => {
    const { server } = await serve();
    expect(await raw(server, 'NOT HTTP AT ALL\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json.*not HTTP/s,
    );
    expect(await raw(server, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });
});

/** What a server answers to bytes, until it closes the connection. */
function raw(server: FastifyInstance, bytes: string): Promise<string> {
  const { port } = server.server.address() as { port: number };
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    socket.on('close', () => resolve(text)).on('error', reject);
  });
}

/** A segmenter whose pictures take as long as somebody wants; it hears its signal. */
function held() {
  const { promise: gate, resolve: go } = Promise.withResolvers<void>();
  const seen = { begun: 0, aborted: 0 };
  const model: Segmenter = {
    ...segmenter,
    async segment(picture, options) {
      seen.begun++;
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      options?.signal?.addEventListener('abort', () => {
        seen.aborted++;
        reject(options.signal?.reason);
      });
      await Promise.race([gate, aborted]);
      return segmenter.segment(picture, options);
    },
  };
  return { model, go, seen };
}

describe('more than there is room for', () => {
  test('waits in line; what finds the line full is told when to come again', async () => {
    const { model, go, seen } = held();
    const { post, origin } = await serve({ concurrency: 1, maxWaiting: 2 }, model);
    const inside = [post(), post(), post()];
    await expect.poll(() => seen.begun).toBe(1);
    const full = await post();
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problem(full)).toContain('429 too many requests wait');
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    expect(metrics).toContain('atrous_requests_inside{state="working"} 1');
    expect(metrics).toContain('atrous_requests_inside{state="waiting"} 2');
    go();
    for (const response of await Promise.all(inside)) expect(response.status).toBe(200);
    expect((await post()).status).toBe(200);
  });

  test('a client that goes away frees its place, whether it waits or is worked on', async () => {
    const { model, go, seen } = held();
    const { post, origin } = await serve({ concurrency: 1, maxWaiting: 1 }, model);
    const [first, second] = [new AbortController(), new AbortController()];
    const working = post('', png(), 'image/png', { signal: first.signal });
    await expect.poll(() => seen.begun).toBe(1);
    const waiting = post('', png(), 'image/png', { signal: second.signal });
    const counts = async () => (await (await fetch(`${origin}/metrics`)).text()).match(/inside\{.*/g)?.join();
    await expect.poll(counts).toContain('"waiting"} 1');
    second.abort();
    await expect(waiting).rejects.toThrow();
    await expect.poll(counts).toContain('"waiting"} 0');
    first.abort();
    await expect(working).rejects.toThrow();
    await expect.poll(() => seen.aborted).toBe(1);
    await expect.poll(counts).toContain('"working"} 0');
    go();
    expect((await post()).status).toBe(200);
    expect(seen.begun).toBe(2);
  });

  test('what is refused before it is worked on frees its place', async () => {
    const { post } = await serve({ concurrency: 1, maxWaiting: 0, maxBytes: 10_000 });
    for (const [query, body, type] of [
      ['?format=bmp', png(), 'image/png'],
      ['', png(), 'text/html'],
      ['', new Uint8Array(10_001), 'image/png'],
    ] as const) {
      const refused = await post(query, body, type);
      await refused.arrayBuffer();
      expect([refused.status, (await post()).status]).toEqual([expect.toSatisfy((s) => s < 429), 200]);
    }
  });

  test('what takes too long is told so, and its work ends', async () => {
    const { model, seen } = held();
    const { post } = await serve({ timeout: 300 }, model);
    const late = await post();
    expect(late.headers.get('retry-after')).toBeTruthy();
    expect(await problem(late)).toContain('503 no answer within 0.3 seconds');
    expect(seen.aborted).toBe(1);
  });

  test('a body that does not arrive', async () => {
    const { server } = await serve({ timeout: 300 });
    const head =
      'POST /segment HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 100\r\n\r\nab';
    expect(await raw(server, head)).toMatch(/^HTTP\/1\.1 408.*the request did not arrive in time/s);
    expect(await raw(server, 'POST /segment HTTP/1.1\r\nhost: x\r\nx-slow')).toMatch(/^HTTP\/1\.1 408/);
  });
});

describe('around it', () => {
  test('what is documented is what is there', async () => {
    const { origin } = await serve();
    const { openapi, paths } = await (await fetch(`${origin}/docs/json`)).json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(['/segment', '/model', '/healthz', '/readyz', '/metrics']);
    const { requestBody, parameters, responses } = paths['/segment'].post;
    expect(Object.keys(requestBody.content)).toContain('image/webp');
    expect(parameters.map(({ name }: { name: string }) => name)).toContain('minConfidence');
    expect(Object.keys(responses)).toEqual(['200', '400', '408', '413', '415', '422', '429', '500', '503']);
    const page = await fetch(`${origin}/docs/`);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringMatching(/^default-src 'self'; img-src 'self' data:;(?!.*(https:|upgrade))/),
    ]);
    expect(await page.text()).not.toMatch(/(src|href)="https?:/);
  });

  test('the model, health, headers', async () => {
    const { origin } = await serve();
    const model = await (await fetch(`${origin}/model`)).json();
    expect(model).toMatchObject({ name: 'street', runtime: 'wasm', limits: { maxPixels: 40_000_000 } });
    expect(model.classes[0]).toEqual({ id: 0, name: 'sky', color: '#808080' });
    const ready = await fetch(`${origin}/readyz`, { headers: { 'x-request-id': 'a-1' } });
    expect([ready.status, ready.headers.get('x-request-id')]).toEqual([200, 'a-1']);
    expect(ready.headers.get('x-content-type-options')).toBe('nosniff');
    expect(ready.headers.get('content-security-policy')).toContain("default-src 'none'");
    const forged = await fetch(`${origin}/healthz`, { headers: { 'x-request-id': 'a b' } });
    expect(forged.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });

  test('a line of the log and figures for each request', async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const { post, origin } = await serve({ logger: { level: 'info', stream } });
    await post('?format=svg');
    await post('?format=bmp');
    const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
    expect(answered).toMatchObject([
      { method: 'POST', url: '/segment?format=svg', status: 200, format: 'svg', width: 64, height: 48 },
      { url: '/segment?format=bmp', status: 400 },
    ]);
    expect(Object.keys(answered[0].milliseconds)).toEqual(['wait', 'decode', 'segment', 'encode']);
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    expect(metrics).toContain('atrous_requests_total{format="svg",status="200"} 1');
    expect(metrics).toContain('atrous_pixels_total 3072');
    expect(metrics).toContain('atrous_model_info{model="street",runtime="wasm"} 1');
  });

  test('a fault of ours is told without its insides, and is in the log', async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const broken: Segmenter = {
      ...segmenter,
      segment: () => Promise.reject(new TypeError('secret /home/somebody')),
    };
    const { post } = await serve({ logger: { stream } }, broken);
    expect(await problem(await post())).toBe('500 the service failed at this request: its log says why');
    expect(lines.join()).toContain('secret /home/somebody');
  });
});

test('a stop answers what was taken, refuses what comes, and ends', async () => {
  const { model, go, seen } = held();
  const { server, post, origin } = await serve({ concurrency: 2 }, model);
  const taken = [post(), post(), post(), post()];
  await expect.poll(() => seen.begun).toBe(2);
  const closed = server.close();
  await wait(20);
  await expect(fetch(`${origin}/readyz`)).rejects.toThrow(); // nobody listens
  go();
  for (const response of await Promise.all(taken)) {
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
    await response.arrayBuffer();
  }
  await closed;
});
