import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPicture } from './picture_node.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Two pixels: red, blue. */
const redBlue = () =>
  sharp(Uint8Array.of(255, 0, 0, 0, 0, 255), { raw: { width: 2, height: 1, channels: 3 } });

describe('pictures', () => {
  test('from a path, a URL, bytes and a Blob', async () => {
    const png = await redBlue().png().toBuffer();
    const path = join(folder, 'two.png');
    await writeFile(path, png);
    for (const picture of [path, pathToFileURL(path), new Uint8Array(png), new Blob([new Uint8Array(png)])]) {
      const { width, height, data } = await readPicture(picture);
      expect([width, height, ...data]).toEqual([2, 1, 255, 0, 0, 0, 0, 255]);
    }
  });
  test('are turned as their EXIF orientation says', async () => {
    const turned = await redBlue().withMetadata({ orientation: 6 }).png().toBuffer();
    const { width, height, data } = await readPicture(turned);
    expect([width, height, ...data]).toEqual([1, 2, 255, 0, 0, 0, 0, 255]);
  });
  test('in grey, grey with alpha, and 16 bits become 8-bit pixels', async () => {
    const grey = await redBlue().greyscale().png().toBuffer();
    expect((await readPicture(grey)).data.length % 2).toBe(0);
    const alpha = await sharp(Uint8Array.of(10, 128), { raw: { width: 1, height: 1, channels: 2 } })
      .png()
      .toBuffer();
    expect([...(await readPicture(alpha)).data]).toEqual([10, 10, 10, 128]);
    const deep = await redBlue().toColourspace('rgb16').png().toBuffer();
    expect([...(await readPicture(deep)).data]).toEqual([255, 0, 0, 0, 0, 255]);
  });
  test('as raw pixels are taken as they are', async () => {
    const pixels = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
    expect(await readPicture(pixels)).toBe(pixels);
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
  test('a missing file', async () => {
    await expect(readPicture(join(folder, 'none.png'))).rejects.toMatchObject({ code: 'not-found' });
  });
  test('CMYK', async () => {
    const cmyk = await redBlue().toColourspace('cmyk').jpeg().toBuffer();
    await expect(readPicture(cmyk)).rejects.toThrow('CMYK pictures are not read');
  });
  test('anything else', async () => {
    await expect(readPicture(7 as never)).rejects.toThrow(
      'expected a path, bytes, a Blob or pixels, got number',
    );
    await expect(readPicture({ width: 2, height: 2, data: new Uint8Array(3) })).rejects.toThrow(
      '3 bytes are neither',
    );
  });
});
