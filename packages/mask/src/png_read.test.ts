import fc from 'fast-check';
import { deflate } from 'pako';
import { describe, expect, test } from 'vitest';
import { decodeLabelPng, maxLabelPixels } from './png.ts';
import { pngSignature, writeChunk } from './png_chunks.ts';
import { channelsOf, filteredRows, join, type TestPng, testHeader, writeTestPng } from './test_png.ts';
import { labelPngs, mutatePng } from './test_png_mutations.ts';

const read = (bytes: Uint8Array, options = {}) => decodeLabelPng(bytes, 'labels.png', options);
const end = writeChunk('IEND', new Uint8Array(0));

/** Three rows of five ids in four bits: every row ends in half a byte. */
const fourBits: TestPng = {
  ...{ width: 5, height: 3, depth: 4, color: 'grey' },
  samples: [1, 2, 3, 4, 5, 15, 0, 14, 7, 8, 9, 10, 11, 12, 13],
};
const parts = (png: TestPng, data: Uint8Array, ...between: Uint8Array[]) =>
  join([pngSignature, writeChunk('IHDR', testHeader(png)), ...between, writeChunk('IDAT', data), end]);
const stream = (png: TestPng) => deflate(Uint8Array.from(filteredRows(png)));

test('ids of every depth, grey and indexed, interlaced or not, with every filter', () => {
  const kinds = fc.constantFrom(...labelPngs.filter(({ color }) => channelsOf[color] === 1));
  const side = fc.integer({ min: 1, max: 19 });
  fc.assert(
    fc.property(kinds, side, side, fc.nat(), (kind, width, height, salt) => {
      const samples = Array.from(
        { length: width * height },
        (_, i) => ((i + salt) * 2654435761) % 2 ** kind.depth,
      );
      const palette = kind.palette && Array.from({ length: 3 * 2 ** kind.depth }, (_, i) => i % 256);
      const { data, ...size } = read(writeTestPng({ ...kind, width, height, samples, palette }));
      expect(size).toEqual({ width, height });
      expect([...data]).toEqual(samples);
    }),
  );
});

test('rows of four bits begin on a byte', () => {
  const rows = Uint8Array.of(0, 0x12, 0x34, 0x50, 0, 0xf0, 0xe7, 0x80, 0, 0x9a, 0xbc, 0xd0);
  expect([...read(parts(fourBits, deflate(rows))).data]).toEqual(fourBits.samples);
});

test('grey with alpha is read when it is opaque', () => {
  const png: TestPng = {
    width: 3,
    height: 1,
    depth: 8,
    color: 'grey+alpha',
    samples: [4, 255, 0, 255, 9, 255],
  };
  expect(read(writeTestPng(png))).toEqual({ width: 3, height: 1, data: Uint8Array.of(4, 0, 9) });
  const clear = writeTestPng({ ...png, samples: [4, 255, 0, 254, 9, 255] });
  expect(() => read(clear)).toThrow('transparent pixels (alpha 254 of 255 at row 0, column 1)');
  const wide: TestPng = { ...png, depth: 16, samples: [700, 65535, 0, 65535, 9, 65535] };
  expect([...read(writeTestPng(wide)).data]).toEqual([700, 0, 9]);
});

describe('what is damaged is refused', () => {
  const sound = writeTestPng(fourBits);
  const at = (index: number, value: number) => sound.map((byte, i) => (i === index ? value : byte));
  const data = stream(fourBits);
  const palette = (length: number) => writeChunk('PLTE', new Uint8Array(length));
  const indexed: TestPng = { ...fourBits, color: 'indexed' };
  const header = (change: Partial<Record<number, number>>) =>
    join([
      pngSignature,
      writeChunk(
        'IHDR',
        testHeader(fourBits).map((byte, i) => change[i] ?? byte),
      ),
      writeChunk('IDAT', data),
      end,
    ]);
  const chunk = (type: string, ...bytes: number[]) => writeChunk(type, Uint8Array.from(bytes));
  const wrongAdler = data.map((byte, i) => byte ^ (i === data.length - 1 ? 1 : 0));

  test.each<[string, Uint8Array, string]>([
    ['no PNG', new TextEncoder().encode('text'), 'not a PNG: it does not begin with the signature'],
    ['a signature alone', pngSignature, 'it has no chunks'],
    ['a bit of IDAT', at(50, sound[50] ^ 1), 'the checksum (CRC-32) of chunk IDAT at byte 33'],
    ['a chunk without a name', at(37, 0), 'expected a chunk at byte 33'],
    ['a file cut in a chunk', sound.slice(0, 50), 'the file ends before'],
    ['Adler-32', parts(fourBits, wrongAdler), 'not zlib’s (incorrect data check)'],
    ['no zlib', parts(fourBits, data.slice(2)), 'not zlib’s ('],
    ['gzip in place of zlib', parts(fourBits, join([Uint8Array.of(31, 139, 8, 0), data])), 'not zlib’s ('],
    ['a stream that stops', parts(fourBits, data.slice(0, -5)), 'end before they are complete'],
    ['a row too few', parts({ ...fourBits, height: 4 }, data), 'needs 16 bytes of pixels, it has 12'],
    ['a row too many', parts({ ...fourBits, height: 2 }, data), 'needs 8 bytes of pixels, it has more'],
    [
      'a filter that is none',
      parts(fourBits, deflate(new Uint8Array(12).fill(5))),
      'filter 5 does not exist',
    ],
    ['no IDAT', join([pngSignature, sound.slice(8, 33), end]), 'it has no pixels'],
    ['no palette', parts(indexed, data), 'it has no palette'],
    ['half a colour', parts(indexed, data, palette(47)), 'a palette of 47 bytes'],
    ['an empty palette', parts(indexed, data, palette(0)), 'a palette of 0 bytes'],
    ['257 colours', parts(indexed, data, palette(771)), 'a palette of 771 bytes'],
    ['an index beyond the palette', parts(indexed, data, palette(45)), 'index 15 at row 1, column 0'],
    ['two palettes', parts(indexed, data, palette(48), palette(48)), 'PLTE after PLTE'],
    ['two headers', parts(fourBits, data, chunk('IHDR', ...testHeader(fourBits))), 'a second IHDR'],
    [
      'a header that is late',
      join([pngSignature, palette(3), sound.slice(8)]),
      'expected IHDR of 13 bytes first',
    ],
    ['no width', header({ 3: 0 }), '3×0 pixels'],
    ['no height', header({ 7: 0 }), '0×5 pixels'],
    ['3 bits', header({ 8: 3 }), 'colour type 0 with 3 bits'],
    ['RGB of 4 bits', header({ 9: 2 }), 'colour type 2 with 4 bits'],
    ['colour type 1', header({ 9: 1 }), 'colour type 1 with 4 bits'],
    ['compression 1', header({ 10: 1 }), 'compression 1, filter 0, interlace 0'],
    ['filter method 1', header({ 11: 1 }), 'compression 0, filter 1, interlace 0'],
    ['interlace 2', header({ 12: 2 }), 'compression 0, filter 0, interlace 2'],
    ['a critical chunk of somebody', parts(fourBits, data, chunk('DATA')), 'unknown critical chunk DATA'],
    [
      'pixels with text between',
      join([
        parts(fourBits, data.slice(0, 9)).slice(0, -12),
        chunk('tEXt'),
        chunk('IDAT', ...data.slice(9)),
        end,
      ]),
      'tEXt between two chunks IDAT',
    ],
    ['gamma of 3 bytes', parts(fourBits, data, chunk('gAMA', 0, 0, 1)), 'gAMA of 3 bytes: expected 4'],
    ['a profile without a method', parts(fourBits, data, chunk('iCCP', 65, 0)), 'iCCP without its method'],
    ['text of another method', parts(fourBits, data, chunk('zTXt', 65, 0, 1)), 'zTXt without its method'],
    [
      'transparency of 3 bytes',
      parts(fourBits, data, chunk('tRNS', 0, 0, 1)),
      'tRNS of 3 bytes in a PNG of grey',
    ],
    ['an animation', parts(fourBits, data, chunk('acTL', 0, 0, 0, 1, 0, 0, 0, 0)), 'an animated PNG'],
    ['colours of 16 bits', parts({ ...fourBits, color: 'rgb', depth: 16 }, data), 'got colours of 16 bits'],
  ])('%s', (_name, bytes, message) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ name: 'AtrousError', code: 'format' }));
    expect(() => read(bytes)).toThrow(message);
  });

  test('what follows the end is not looked at, and the end may be missing', () => {
    const { samples } = fourBits;
    for (const bytes of [join([sound, Uint8Array.of(1, 2, 3)]), sound.slice(0, -12), sound.slice(0, -4)])
      expect([...read(bytes).data]).toEqual(samples);
  });
});

describe('large files', () => {
  const size = (width: number, height: number): TestPng => ({ ...fourBits, width, height, depth: 8 });

  test('more pixels than the limit are refused, and the limit can be raised', () => {
    const [large, data] = [size(50000, 50000), stream(fourBits)];
    expect(() => read(parts(large, data))).toThrow(
      expect.objectContaining({
        code: 'input',
        message: expect.stringContaining(`at most ${maxLabelPixels}`),
      }),
    );
    expect(() => read(writeTestPng(fourBits), { maxPixels: 14 })).toThrow(
      '5×3 is 15 pixels: expected at most 14',
    );
    expect(read(writeTestPng(fourBits), { maxPixels: 15 }).width).toBe(5);
  });

  test('what the compressed bytes cannot hold is refused before it is allocated', () => {
    const header = size(10000, 9999);
    expect(() => read(parts(header, stream(fourBits)))).toThrow('it has fewer');
  });

  test('pixels beyond the size are refused when the first of them appears', () => {
    const flood = parts(
      fourBits,
      join([deflate(new Uint8Array(1e6)).slice(0, -4), Uint8Array.of(1, 2, 3, 4)]),
    );
    expect(() => read(flood)).toThrow('it has more'); // and not the checksum behind them
  });

  test('text and profiles are never inflated', () => {
    const noise = Uint8Array.of(0x78, 0x9c, 255, 255, 255); // which no inflater reads
    const text = join([new TextEncoder().encode('a\0\u0001\0\0\0'), noise]);
    const profile = join([new TextEncoder().encode('a\0\0'), noise]);
    const bytes = parts(fourBits, stream(fourBits), writeChunk('iTXt', text), writeChunk('iCCP', profile));
    expect([...read(bytes).data]).toEqual(fourBits.samples);
  });
});

test('four hundred damaged files end in labels or in an AtrousError', () => {
  for (let seed = 0; seed < 400; seed++) {
    const png = labelPngs[seed % labelPngs.length];
    try {
      read(mutatePng(png, seed));
    } catch (error) {
      expect(error, `seed ${seed}`).toMatchObject({ name: 'AtrousError' });
    }
  }
});

test('of a thousand files with one bit changed, none is read as other labels', () => {
  const png = labelPngs.find(({ color, depth }) => color === 'indexed' && depth === 8)!;
  const sound = writeTestPng(png);
  const expected = [...(png.samples as number[])].join();
  let accepted = 0;
  for (let bit = 0; bit < sound.length * 8; bit++) {
    const bytes = sound.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    try {
      expect(read(bytes).data.join(), `bit ${bit}`).toBe(expected);
      accepted++;
    } catch (error) {
      expect(error, `bit ${bit}`).toMatchObject({ code: expect.stringMatching(/format|input/) });
    }
  }
  expect(accepted).toBe(0);
});
