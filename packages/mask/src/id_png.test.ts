import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { encodeIdPng, idPngFormat, idPngStrips } from './id_png.ts';

const bytes = { width: 3, height: 2, data: Uint8Array.of(0, 1, 2, 255, 4, 5) };
const words = { width: 3, height: 2, data: Uint16Array.of(0, 1, 2, 300, 4, 65535) };

test.each([
  ['8 bits', bytes, 8],
  ['16 bits', words, 16],
])('%s: values are ids, in grey', (_name, labels, depth) => {
  const { palette, ...png } = decode(encodeIdPng(labels), { checkCrc: true });
  expect(png).toMatchObject({ width: 3, height: 2, channels: 1, depth });
  expect(palette).toBeUndefined();
  expect([...png.data]).toEqual([...labels.data]);
  expect(idPngFormat(labels)).toEqual({ width: 3, height: 2, channels: 1, depth });
});

test('strips are whole rows, the high byte first', () => {
  expect([...idPngStrips(bytes)]).toEqual([bytes.data]);
  expect([...idPngStrips(words)]).toEqual([Uint8Array.of(0, 0, 0, 1, 0, 2, 1, 44, 0, 4, 255, 255)]);
  const wide = { width: 2 ** 20 - 1, height: 3, data: new Uint8Array(3 * (2 ** 20 - 1)) };
  expect([...idPngStrips(wide)].map(({ length }) => length)).toEqual(Array(3).fill(2 ** 20 - 1));
});
