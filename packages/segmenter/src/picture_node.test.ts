import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NodePicture, readPicture } from './picture_node.ts';
import type { Pixels } from './pixels.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Two pixels: red, blue. */
const redBlue = () =>
  sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: { width: 2, height: 1, channels: 3 } });

const expected = [2, 1, 255, 0, 0, 0, 0, 255];
const listed = ({ width, height, data }: Pixels) => [width, height, ...data];

describe('pictures', () => {
  test('from paths, URLs, bytes of any kind and Blobs', async () => {
    const png = new Uint8Array(await redBlue().png().toBuffer());
    const path = join(folder, 'two.png');
    await writeFile(path, png);
    const shared = new Uint8Array(new SharedArrayBuffer(png.length));
    shared.set(png);
    const inside = Uint8Array.of(1, 2, 3, ...png).subarray(3);
    const url = pathToFileURL(path);
    const data = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
    const places = [path, url, url.href, url.href.replace('file', 'FILE'), data, new URL(data)];
    const bytes = [
      png,
      png.buffer,
      new DataView(png.buffer),
      shared,
      shared.buffer,
      inside,
      Buffer.from(png),
    ];
    for (const picture of [...places, ...bytes, new Blob([png]), new File([png], 'two.png')]) {
      expect(listed(await readPicture(picture as NodePicture))).toEqual(expected);
    }
  });
  test('are turned as their EXIF orientation says', async () => {
    const turned = await redBlue().withMetadata({ orientation: 6 }).png().toBuffer();
    expect(listed(await readPicture(turned))).toEqual([1, 2, 255, 0, 0, 0, 0, 255]);
  });
  test('as raw pixels are taken as they are', async () => {
    const pixels = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
    expect(await readPicture(pixels)).toBe(pixels);
    const wide = { width: 1, height: 1, data: Uint8Array.of(127, 191, 77), colorSpace: 'display-p3' };
    expect([...(await readPicture(wide)).data]).toEqual([106, 193, 54]);
  });
  test('are held against the limit that is given', async () => {
    const png = await redBlue().png().toBuffer();
    await expect(readPicture(png, { maxPixels: 1 })).rejects.toThrow('2×1 is 2 pixels: expected at most 1');
    expect((await readPicture(png, { maxPixels: Number.POSITIVE_INFINITY })).width).toBe(2);
    for (const maxPixels of [0, -1, 1.5, Number.NaN, '9' as never]) {
      await expect(readPicture(png, { maxPixels })).rejects.toMatchObject({ code: 'input' });
    }
  });
});

describe('over HTTP', () => {
  let origin = '';
  const server = createServer(async (request, response) => {
    if (request.url === '/two.png') return response.end(await redBlue().png().toBuffer());
    if (request.url === '/huge.png')
      return response.writeHead(200, { 'content-length': 2 ** 30 }).flushHeaders();
    if (request.url === '/never.png') return;
    if (request.url === '/page')
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<p>no</p>');
    return response.writeHead(404).end();
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('pictures are read from text and from URLs', async () => {
    expect(listed(await readPicture(`${origin}/two.png`))).toEqual(expected);
    expect(listed(await readPicture(new URL(`${origin}/two.png`)))).toEqual(expected);
  });
  test.each([
    ['/none.png', 'not-found', 'the server answers 404'],
    ['/page', 'input', 'not a picture that can be read'],
    ['/huge.png', 'format', 'more than 268435456 bytes'],
  ])('%s is an error that names the URL', async (path, code, message) => {
    await expect(readPicture(origin + path)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    await expect(readPicture(origin + path)).rejects.toThrow(origin + path);
  });
  test('a server that is not there, and one that does not answer', async () => {
    await expect(readPicture('http://127.0.0.1:1/a.png')).rejects.toMatchObject({ code: 'not-found' });
    const stop = new AbortController();
    const waiting = readPicture(`${origin}/never.png`, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('what is no picture', () => {
  test.each([
    ['text named .jpg', 'notes.jpg', 'this is no picture', 'not a picture that can be read'],
    ['an empty file', 'empty.png', '', 'the file is empty (0 bytes)'],
  ])('%s', async (_what, name, content, message) => {
    const path = join(folder, name);
    await writeFile(path, content);
    await expect(readPicture(path)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining(message),
    });
  });
  test('a JPEG cut off', async () => {
    const noise = Uint8Array.from({ length: 300 * 300 * 3 }, (_, i) => (i * i) % 251);
    const jpeg = await sharp(noise, { raw: { width: 300, height: 300, channels: 3 } })
      .jpeg()
      .toBuffer();
    await expect(readPicture(jpeg.subarray(0, jpeg.length >> 1))).rejects.toMatchObject({ code: 'input' });
  });
  test('a missing file, and a folder', async () => {
    await expect(readPicture(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(readPicture(pathToFileURL(join(folder, 'none.png')).href)).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(readPicture(folder)).rejects.toMatchObject({ code: 'input' });
    await expect(readPicture('a\0b.png')).rejects.toMatchObject({ code: 'input' });
  });
  test.each<[string, unknown, string]>([
    ['a number', 7, 'expected a path, a URL, bytes, a Blob or pixels, got 7'],
    ['null', null, 'got null'],
    ['nothing', undefined, 'got undefined'],
    ['a Map', new Map(), 'got Map'],
    ['another scheme', new URL('ftp://127.0.0.1/a.png'), 'expected a file:, data:, http: or https: URL'],
    ['a file of another machine', 'file://other/%2F.png', 'not the URL of a file here'],
    ['a data URL that is none', 'data:nothing', 'data URL: '],
    ['no bytes', new ArrayBuffer(0), 'the file is empty (0 bytes)'],
    ['pixels of a wrong length', { width: 2, height: 2, data: new Uint8Array(3) }, '3 values are neither'],
  ])('%s', async (_what, picture, message) => {
    await expect(readPicture(picture as never)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining(message),
    });
  });
});
