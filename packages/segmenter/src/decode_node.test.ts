import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sharedFolder } from '@atrous/golden';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import pillow from '../fixtures/pillow.json' with { type: 'json' };
import strange from '../fixtures/strange_pictures.json' with { type: 'json' };
import { decodePicture } from './decode_node.ts';
import { maxPicturePixels } from './limit.ts';
import { channelsOf, type Pixels, readRgbRow } from './pixels.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** Every so many rows and columns, on white. */
function sample(pixels: Pixels, [top, down]: readonly number[], [left, across]: readonly number[]): number[] {
  const row = new Float64Array(pixels.width * 3);
  const values: number[] = [];
  for (let y = top; y < pixels.height; y += down) {
    readRgbRow(pixels, channelsOf(pixels), y, row);
    for (let x = left; x < pixels.width; x += across) values.push(...row.subarray(3 * x, 3 * x + 3));
  }
  return values;
}

function expectNear(actual: readonly number[], expected: readonly number[], most: number): void {
  expect(actual).toHaveLength(expected.length);
  const differences = actual.map((value, i) => Math.abs(value - expected[i]));
  expect(Math.max(...differences)).toBeLessThanOrEqual(most);
}

describe('pictures have the colours that Pillow reads', () => {
  test.each(Object.entries(pillow))('%s', async (name, expected) => {
    const pixels = await decodePicture(fixture(name), name);
    expect([pixels.width, pixels.height]).toEqual([16, 16]);
    expectNear(sample(pixels, [4, 8], [4, 8]), expected.flat(), name.endsWith('avif') ? 2 : 1);
  });

  test.skipIf(!sharedFolder).each(Object.entries(strange))(
    '%s (which lies beside the checkout)',
    async (name, expected) => {
      const pixels = await decodePicture(await readFile(`${sharedFolder}cases/pictures/${name}`), name);
      // palettes with a profile go through it here; Pillow leaves profiles alone
      expectNear(sample(pixels, [0, 16], [0, 24]), expected, 2);
    },
  );

  test('CMYK with a profile goes through it', async () => {
    const [red, green, blue] = [120, 100, 80];
    const plain = sharp({
      create: { width: 8, height: 8, channels: 3, background: `rgb(${red},${green},${blue})` },
    });
    const cmyk = await plain.toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer();
    const { data } = await decodePicture(cmyk, 'cmyk.jpg');
    expectNear([...data.subarray(0, 3)], [red, green, blue], 20);
    expect(data[0]).toBeGreaterThan(105); // as bare inks it were 92
  });
});

describe('numbers of other kinds become 8 bits', () => {
  const grey = (values: number[], channels: 1 | 2) =>
    sharp(Uint8Array.from(values), { raw: { width: values.length / channels, height: 1, channels } });
  test.each([
    ['grey', () => grey([10, 200], 1).toColourspace('b-w').png(), [10, 10, 10, 200, 200, 200]],
    ['grey with alpha', () => grey([10, 128], 2).png(), [10, 10, 10, 128]],
    ['grey of 16 bits', () => grey([10, 200], 1).toColourspace('grey16').png(), [10, 10, 10, 200, 200, 200]],
    [
      'grey with alpha, of 16 bits',
      () => grey([10, 128], 2).toColourspace('grey16').png(),
      [10, 10, 10, 128],
    ],
    ['grey GIF', () => grey([10, 200], 1).gif(), [10, 10, 10, 255, 200, 200, 200, 255]],
    [
      '16 bits, TIFF',
      () => grey([10, 200], 1).toColourspace('rgb16').tiff({ compression: 'none' }),
      [10, 10, 10, 200, 200, 200],
    ],
    ['lossless WebP', () => grey([10, 200], 1).webp({ lossless: true }), [10, 10, 10, 200, 200, 200]],
  ])('%s', async (_, make, expected) => {
    const { data } = await decodePicture(await make().toBuffer(), 'picture');
    expect([...data]).toEqual(expected);
  });
});

/** One pixel of CMYK as TIFF without compression: no encoder here writes 16 bits of it. */
function cmykTiff(inks: readonly number[], bits: 8 | 16): Buffer {
  const [depths, samples] = [300, 320];
  const fields: [tag: number, value: number, count?: number][] = [
    [256, 1], // width
    [257, 1], // height
    [258, depths, 4], // bits per sample
    [259, 1], // no compression
    [262, 5], // inks
    [273, samples],
    [277, 4], // samples per pixel
    [278, 1], // rows per strip
    [279, (4 * bits) / 8], // bytes
  ];
  const file = Buffer.alloc(400);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(fields.length, 8);
  for (const [i, [tag, value, count = 1]] of fields.entries()) {
    const at = 10 + 12 * i;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(tag === 273 ? 4 : 3, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  for (const [i, ink] of inks.entries()) {
    file.writeUInt16LE(bits, depths + 2 * i);
    if (bits === 8) file.writeUInt8(ink, samples + i);
    else file.writeUInt16LE(ink * 256 + 77, samples + 2 * i);
  }
  return file;
}

test.each([8, 16] as const)('CMYK of %d bits', async (bits) => {
  const { data } = await decodePicture(cmykTiff([200, 30, 10, 40], bits), 'cmyk.tif');
  expect([...data]).toEqual([46, 190, 207]);
});

describe('the pixel limit', () => {
  test('is looked at before anything is decoded, and named', async () => {
    const png = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    await expect(decodePicture(png, 'red.png', 599)).rejects.toMatchObject({
      code: 'input',
      message: 'red.png: 30×20 is 600 pixels: expected at most 599; raise maxPixels to read it',
    });
    expect((await decodePicture(png, 'red.png', 600)).width).toBe(30);
    const cut = png.subarray(0, png.length - 16); // what is after the header is not looked at
    await expect(decodePicture(cut, 'red.png', 599)).rejects.toThrow('600 pixels');
  });

  test.skipIf(!sharedFolder).each([
    ['declared.png', 2_500_000_000],
    ['l8_20000.png', 400_000_000],
    ['grey1_16000.png', 256_000_000],
  ])('refuses %s at once (which lies beside the checkout)', async (name, pixels) => {
    const bytes = await readFile(`${sharedFolder}cases/bombs/${name}`);
    const began = performance.now();
    await expect(decodePicture(bytes, name)).rejects.toThrow(
      `is ${pixels} pixels: expected at most ${maxPicturePixels}`,
    );
    expect(performance.now() - began).toBeLessThan(500);
  });

  test.skipIf(!sharedFolder)('text and profiles of 400 MB beside one pixel cost nothing', async () => {
    const bytes = await readFile(`${sharedFolder}cases/bombs/itxt.png`);
    const before = process.memoryUsage().rss;
    const began = performance.now();
    expect([...(await decodePicture(bytes, 'itxt.png')).data]).toEqual([0, 0, 0]);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });
});

describe('formats that sharp does not read say what to do', () => {
  test.each([
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0heicmif1'],
    ['JPEG XL', '\xff\x0a\0\0'],
  ])('%s', async (format, start) => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => start.charCodeAt(i) || 0);
    await expect(decodePicture(bytes, 'photo')).rejects.toMatchObject({
      code: 'input',
      message: `photo: not a picture that can be read (${format}): convert it to JPEG or PNG`,
    });
  });
});
