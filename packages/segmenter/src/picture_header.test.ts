import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { foreignFormat, sizeInHeader } from './picture_header.ts';

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('sizes in headers', () => {
  const side = fc.integer({ min: 1, max: 300 });
  const plain = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: 'red' } });
  test('are those that sharp reads', async () => {
    const cases = fc.record({ width: side, height: side });
    await fc.assert(
      fc.asyncProperty(cases, async ({ width, height }) => {
        const picture = plain(width, height);
        const files = [
          picture.clone().png(),
          picture.clone().jpeg(),
          picture
            .clone()
            .jpeg({ progressive: true })
            .withExif({ IFD0: { Artist: 'x'.repeat(500) } }),
          picture.clone().webp(),
          picture.clone().webp({ lossless: true }),
          picture.clone().ensureAlpha(0.5).webp(),
          picture.clone().gif(),
        ];
        for (const file of files) expect(sizeInHeader(await file.toBuffer())).toEqual({ width, height });
      }),
      { numRuns: 10 },
    );
  });
  test('of BMP, also from the top down', () => {
    const bmp = new Uint8Array(54);
    bmp.set(bytesOf('BM'));
    new DataView(bmp.buffer).setInt32(18, 7, true);
    new DataView(bmp.buffer).setInt32(22, -5, true);
    expect(sizeInHeader(bmp)).toEqual({ width: 7, height: 5 });
  });
  test('are unknown, and no error, in anything else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'RIFF0000WEBPVP8 ', 'GIF89a', '\xff\xd8\xff\xe0', 'x'),
        fc.uint8Array({ max: 60 }),
        (start, rest) => {
          const size = sizeInHeader(Uint8Array.of(...bytesOf(start), ...rest));
          return size === undefined || (size.width >= 0 && size.height >= 0);
        },
      ),
    );
    expect(sizeInHeader(bytesOf('x'.repeat(100)))).toBeUndefined();
  });
});

test.each([
  ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0heicmif1'],
  ['HEIC', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic'],
  ['AVIF', '\0\0\0\x1cftypavif\0\0\0\0avifmif1'],
  ['AVIF', '\0\0\0\x1cftypmif1\0\0\0\0mif1avif'],
  ['TIFF', 'II*\0\b\0\0\0'],
  ['TIFF', 'MM\0*\0\0\0\b'],
  ['JPEG XL', '\xff\x0a\0\0'],
  ['JPEG XL', '\0\0\0\fJXL \r\n\x87\n'],
  ['PDF', '%PDF-1.7'],
  ['SVG', '<?xml version="1.0"?><svg xmlns="x">'],
  [undefined, '\x89PNG\r\n\x1a\n'],
  [undefined, '\0\0\0\x18ftypisom\0\0\0\0mp42'],
  [undefined, ''],
])('%s by its first bytes', (format, start) => {
  expect(foreignFormat(bytesOf(start))).toBe(format);
});
