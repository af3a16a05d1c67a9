import fc from 'fast-check';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { pascalVoc } from './palette.ts';
import { type Deflate, encodePngStream, type PngFormat } from './png_stream.ts';

const deflate: Deflate = (bytes) => {
  const iterator = bytes[Symbol.asyncIterator]();
  const stream = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value as BufferSource);
    },
  });
  return stream.pipeThrough(new CompressionStream('deflate')) as unknown as AsyncIterable<Uint8Array>;
};

async function encode(format: PngFormat, strips: Iterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encodePngStream(format, strips, deflate)) pieces.push(piece);
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

/** Noise, in strips of so many rows. */
function* noise(format: PngFormat, rows: number, seed: number): Generator<Uint8Array> {
  const { width, height, channels, depth = 8 } = format;
  const all = pixels(width * height * channels * (depth / 8), seed);
  const rowBytes = all.length / height;
  for (let y = 0; y < height; y += rows) yield all.subarray(y * rowBytes, (y + rows) * rowBytes);
}
const pixels = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);

const formats = fc.record({
  width: fc.integer({ min: 1, max: 30 }),
  height: fc.integer({ min: 1, max: 30 }),
  channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
});

test('pixels survive the way to PNG and back, however they are cut into strips', async () => {
  await fc.assert(
    fc.asyncProperty(formats, fc.integer({ min: 1, max: 31 }), fc.nat(), async (format, rows, seed) => {
      const png = decode(await encode(format, noise(format, rows, seed)), { checkCrc: true });
      const { width, height, channels } = format;
      expect(png).toMatchObject({ width, height, channels, depth: 8 });
      expect(png.data).toEqual(pixels(width * height * channels, seed));
    }),
    { numRuns: 50 },
  );
});

test('16 bits: the high byte first', async () => {
  const png = await encode({ width: 2, height: 1, channels: 1, depth: 16 }, [Uint8Array.of(0, 3, 2, 188)]);
  expect(decode(png, { checkCrc: true }).data).toEqual(Uint16Array.of(3, 700));
});

test('with a palette, pixels are indices', async () => {
  const palette = pascalVoc.slice(0, 21);
  const png = await encode({ width: 3, height: 1, channels: 1, palette }, [Uint8Array.of(0, 15, 20)]);
  expect(decode(png, { checkCrc: true })).toMatchObject({
    channels: 1,
    palette: palette.map((color) => [...color]),
    data: Uint8Array.of(0, 15, 20),
  });
});

test('a strip may be filled again once the next is asked for', async () => {
  const strip = new Uint8Array(3);
  function* reused() {
    yield strip.fill(10);
    yield strip.fill(200);
  }
  const png = await encode({ width: 1, height: 2, channels: 3 }, reused());
  expect(decode(png).data).toEqual(Uint8Array.of(10, 10, 10, 200, 200, 200));
});

test.each([
  ['too few rows', [new Uint8Array(3)]],
  ['too many', [new Uint8Array(6), new Uint8Array(3)]],
  ['half a row', [new Uint8Array(4)]],
])('%s: an error', async (_name, strips) => {
  await expect(encode({ width: 1, height: 2, channels: 3 }, strips)).rejects.toMatchObject({
    code: 'shape',
    message: expect.stringContaining('expected 2 rows of 3 bytes'),
  });
});
