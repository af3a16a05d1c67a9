import { expect, test } from 'vitest';
import { npyPieces } from './npy.ts';

async function bytesOf(rows: Float32Array[], length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of npyPieces(rows, length)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test('the bytes are those of numpy.save', async () => {
  // numpy.save(f, numpy.array([[1, -2.5], [3, 0.125], [0, 1e9]], dtype='<f4'))
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }".padEnd(117);
  const start = Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00v\x00')]);
  const numbers = '0000803f000020c0000040400000003e00000000286b6e4e';
  const file = await bytesOf(
    [
      [1, -2.5],
      [3, 0.125],
      [0, 1e9],
    ].map((row) => Float32Array.from(row)),
    2,
  );
  expect(file.equals(Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.from(numbers, 'hex')]))).toBe(
    true,
  );
});

test.each([1, 7, 64, 12345, 1234567])(
  'the header of %d columns ends at a multiple of 64 bytes',
  async (columns) => {
    const file = await bytesOf([], columns);
    expect(file.length % 64).toBe(0);
    expect(file.readUInt16LE(8)).toBe(file.length - 10);
    expect(file.at(-1)).toBe(0x0a);
  },
);
