import { describe, expect, test } from 'vitest';
import { memoryBytes, readExactly } from '../bytes.ts';
import { openCheckpoint } from '../open.ts';
import { numbersOf, openFixture, watched } from '../test_checkpoints.ts';
import { fixture } from '../test_fixtures.ts';

const files = ['hdf5_kinds.h5', 'hdf5_latest.h5']; // the format as it always was, and the newest behind a user block
const numbers = [0, 1, 2, 3, 4, 100];

describe.each(files)('%s', (name) => {
  test.each([
    ...['i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8'].map((kind) => `integers/${kind}`),
    ...['f2', 'f4', 'f8', '>f4', '>f2', '>i8', 'bfloat', 'bfloat16'].map((kind) => `floats/${kind}`),
  ])('%s', async (kind) => {
    const weight = await (await openFixture(name)).read(kind);
    expect(weight.shape).toEqual([2, 3]);
    expect(numbersOf(weight)).toEqual(numbers);
  });

  test('integers and float16 stay small', async () => {
    const checkpoint = await openFixture(name);
    const dtypeOf = (kind: string) => checkpoint.spec(kind).dtype;
    expect(['integers/i1', 'integers/u1', 'integers/u2', 'integers/i8'].map(dtypeOf)).toEqual([
      'int8',
      'uint8',
      'int32',
      'int32',
    ]);
    expect(['floats/f2', 'floats/>f2', 'floats/f8', 'floats/bfloat16'].map(dtypeOf)).toEqual([
      'float16',
      'float16',
      'float32',
      'float32',
    ]);
  });

  test('one number, none, and truth values', async () => {
    const checkpoint = await openFixture(name);
    expect(await checkpoint.read('odd/scalar')).toMatchObject({ shape: [], data: Float32Array.of(7) });
    expect(await checkpoint.read('odd/empty')).toMatchObject({ shape: [0, 3], data: new Float32Array() });
    expect(numbersOf(await checkpoint.read('odd/bool'))).toEqual([0, 0, 1, 1, 1, 1]);
  });

  test.each([
    ['odd/complex', 'compound'],
    ['odd/text', 'text'],
  ])('%s is refused when it is read', async (kind, what) => {
    const reading = (await openFixture(name)).read(kind);
    await expect(reading).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`${kind} is of the dtype ${what}`),
    });
  });

  test('an integer that does not fit is refused', async () => {
    const reading = (await openFixture(name)).read('odd/too_large');
    await expect(reading).rejects.toThrow('odd/too_large: integer 1099511627776 does not fit');
  });

  test('what lies in the header is read', async () => {
    const weight = await (await openFixture(name)).read('ways/compact');
    expect(numbersOf(weight)).toEqual(Array.from({ length: 70 }, (_, i) => i));
  });

  test('what was never written is refused', async () => {
    await expect((await openFixture(name)).read('ways/unwritten')).rejects.toThrow(
      'ways/unwritten: it was never written',
    );
  });
});

test.each(['ways/chunked', 'ways/many', 'ways/packed'])('%s: chunks are put together', async (name) => {
  const weight = await (await openFixture('hdf5_kinds.h5')).read(name);
  expect(numbersOf(weight)).toEqual(Array.from({ length: 70 }, (_, i) => i));
});

test.each([
  ['hdf5_kinds.h5', 'ways/lzf', 'it is packed by filter 32000 (lzf), expected gzip, shuffle or fletcher32'],
  ['hdf5_kinds.h5', 'ways/sparse', 'only 1 of its 9 chunks were written'],
  ['hdf5_latest.h5', 'ways/chunked', 'its chunks have an index of a new kind, which is not read'],
])('%s: %s is refused', async (file, name, why) => {
  await expect((await openFixture(file)).read(name)).rejects.toThrow(`${name}: ${why}`);
});

test('groups in a fractal heap are refused, and the way out is said', async () => {
  await expect(openFixture('hdf5_dense.h5')).rejects.toThrow(
    "a group holds its links in a fractal heap, which is not read: write it again with h5py.File(path, 'w')",
  );
});

test('groups that lead back to themselves come to an end', async () => {
  await expect(openFixture('hdf5_circle.h5')).rejects.toThrow('nested deeper than 32 levels');
  await expect(openFixture('hdf5_branches.h5')).rejects.toThrow('its groups go round in circles');
});

test('a file that is cut off is said to be', async () => {
  const file = fixture('keras_same.h5');
  const half = await readExactly(file, 0, file.size / 2);
  await expect(openCheckpoint(memoryBytes(half, 'a'))).rejects.toThrow(
    `it has ${file.size / 2} bytes, its superblock says ${file.size}: it is cut off, fetch it again`,
  );
});

test('only headers are read before a tensor is, and then that tensor', async () => {
  const weights = 300_000;
  const { bytes, fetched } = watched(await withLargeTensor(weights));
  const checkpoint = await openCheckpoint(bytes);
  const opened = fetched();
  expect(opened).toBeLessThan(weights);
  await checkpoint.read('conv1/kernel');
  expect(fetched() - opened).toBe(16);
});

test('a tensor is the caller’s own', async () => {
  const checkpoint = await openCheckpoint(fixture('hdf5_kinds.h5'));
  for (const name of ['floats/f4', 'floats/>f4', 'ways/compact', 'ways/chunked']) {
    const first = await checkpoint.read(name);
    const kept = numbersOf(first);
    first.data.fill(0);
    expect(numbersOf(await checkpoint.read(name))).toEqual(kept);
  }
});

/** Keras 1's fixture with bytes behind it that no header speaks of, as other tensors are to one that is read. */
async function withLargeTensor(size: number) {
  const file = fixture('keras1_names.h5');
  const bytes = new Uint8Array(file.size + size);
  bytes.set(await readExactly(file, 0, file.size));
  return memoryBytes(bytes, 'large');
}
