import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowOverlay } from './overlay_rows.ts';
import { pascalVoc } from './palette.ts';
import { overlay } from './render.ts';

const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 24);

const scenes = fc.record({
  width: fc.integer({ min: 1, max: 9 }),
  height: fc.integer({ min: 1, max: 9 }),
  rows: fc.integer({ min: 1, max: 9 }),
  channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
  opacity: fc.double({ min: 0, max: 1, noNaN: true }),
  outline: fc.boolean(),
  hidden: fc.subarray([0, 1, 2]),
  seed: fc.nat(),
});

test('rows drawn one strip after the other are the overlay of the whole picture', () => {
  fc.assert(
    fc.property(scenes, ({ width, height, rows, channels, seed, ...options }) => {
      const pixels = bytes(width * height * channels, seed);
      const labels = { width, height, data: bytes(width * height, seed + 1).map((value) => value % 4) };
      const rgba = new Uint8Array(width * height * 4).fill(255);
      for (let i = 0; i < width * height; i++)
        for (let c = 0; c < channels || c < 3; c++)
          rgba[4 * i + c] = pixels[channels * i + (channels === 1 ? 0 : c)];
      const whole = overlay({ width, height, data: rgba }, labels, pascalVoc, options).data;

      const outChannels = channels === 4 ? 4 : 3;
      const out = new Uint8Array(width * height * outChannels);
      const draw = rowOverlay(pascalVoc, options);
      for (let from = 0; from < height; from += rows) {
        const strip = pixels.subarray(from * width * channels, (from + rows) * width * channels);
        draw(strip, channels, labels, from, out.subarray(from * width * outChannels));
      }
      expect(out).toEqual(Uint8Array.from(whole.filter((_, i) => outChannels === 4 || i % 4 < 3)));
    }),
  );
});

test('colours are mixed and rounded: value + (colour − value) · opacity', () => {
  const labels = { width: 1, height: 1, data: Uint8Array.of(1) };
  const out = new Uint8Array(3);
  rowOverlay(
    [
      [0, 0, 0],
      [255, 1, 0],
    ],
    { opacity: 0.3 },
  )(Uint8Array.of(10, 20, 31), 3, labels, 0, out);
  expect([...out]).toEqual([84, 14, 22]); // 83.5 and 21.7; halves go to the even number
});

test('what is hidden stays as it is, at borders, too', () => {
  const labels = { width: 2, height: 1, data: Uint8Array.of(0, 1) };
  const out = new Uint8Array(6);
  const options = { opacity: 1, outline: true, hidden: [0] };
  rowOverlay(pascalVoc, options)(Uint8Array.of(1, 2, 3, 4, 5, 6), 3, labels, 0, out);
  expect([...out]).toEqual([1, 2, 3, 128, 0, 0]);
});
