import { weightsFrom } from '@atrous/graph';
import { type DType, dtypes, sizeOf, type Tensor, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryBytes } from './bytes.ts';
import { fileDTypes } from './dtypes.ts';
import { encodeSafetensors, gather, openSafetensors, readAll, toSafetensors } from './safetensors.ts';

/** A file as the format describes it: length of the header, header, data. */
function fileOf(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}
const open = (file: Uint8Array) => openSafetensors(memoryBytes(file, 'weights.safetensors'));

const anyTensor = fc
  .record({
    dtype: fc.constantFrom<DType>(...dtypes),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    seed: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ dtype, shape, seed }) => {
    const made = tensor(dtype, shape);
    made.data.forEach((_: number, i: number) => {
      made.data[i] = (i * 7 + seed) % 100;
    });
    return made as Tensor;
  });

test('what is written is read back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), anyTensor, { noNullPrototype: true }), async (tensors) => {
      fc.pre(!Object.keys(tensors).some((name) => name === '__metadata__' || name === '__proto__'));
      const read = await readAll(await open(await toSafetensors(tensors)));
      expect(Object.keys(read).sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, expected] of Object.entries(tensors)) expect(read[name]).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('the header keeps free text, and its data begins on a multiple of eight', async () => {
  const file = await gather(
    encodeSafetensors(weightsFrom({ a: tensor('float32', [2]) }), { made: 'by hand' }),
  );
  expect((await open(file)).metadata).toEqual({ made: 'by hand' });
  expect(new DataView(file.buffer).getUint32(0, true) % 8).toBe(0);
});

test('a tensor is read by itself', async () => {
  const file = await toSafetensors({ a: tensor('uint8', [1000]), b: tensor('uint8', [10]) });
  const bytes = memoryBytes(file, 'weights');
  let fetched = 0;
  const watched = {
    ...bytes,
    read: (at: number, length: number) => bytes.read(at, length).finally(() => (fetched += length)),
  };
  const weights = await openSafetensors(watched);
  fetched = 0;
  await weights.read('b');
  expect(fetched).toBe(10);
});

describe('every dtype of the format', () => {
  // value, and its bytes in the file
  const cases: [dtype: string, expected: number[], bytes: number[]][] = [
    ['F64', [1.5], [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]],
    ['F32', [-2], [0, 0, 0, 0xc0]],
    ['F16', [0x3c00], [0x00, 0x3c]],
    ['BF16', [-2.5], [0x20, 0xc0]],
    ['F8_E5M2', [1, Number.POSITIVE_INFINITY], [0x3c, 0x7c]],
    ['F8_E4M3', [1, 448], [0x38, 0x7e]],
    ['F8_E5M2FNUZ', [0.5, Number.NaN], [0x3c, 0x80]],
    ['F8_E4M3FNUZ', [0.5, 240], [0x38, 0x7f]],
    ['F8_E8M0', [1, 4], [127, 129]],
    ['F6_E2M3', [1, 7.5, -1, 0], [0b11001000, 0b10000111, 0b00000010]],
    ['F6_E3M2', [1, 28, -1, 0], [0b11001100, 0b11000111, 0b00000010]],
    ['F4', [1, 6], [0x72]],
    ['I64', [-3], [0xfd, 255, 255, 255, 255, 255, 255, 255]],
    ['U64', [3], [3, 0, 0, 0, 0, 0, 0, 0]],
    ['I32', [-3], [0xfd, 255, 255, 255]],
    ['U32', [7], [7, 0, 0, 0]],
    ['I16', [-3], [0xfd, 255]],
    ['U16', [65533], [0xfd, 255]],
    ['I8', [-3], [0xfd]],
    ['U8', [253], [0xfd]],
    ['BOOL', [1, 0], [1, 0]],
  ];
  test.each(cases)('%s', async (dtype, expected, bytes) => {
    const header = { x: { dtype, shape: [expected.length], data_offsets: [0, bytes.length] } };
    const { data } = await (await open(fileOf(header, Uint8Array.from(bytes)))).read('x');
    expect([...data]).toEqual(expected);
  });
  test('none is left out', () => {
    expect(Object.keys(fileDTypes).sort()).toEqual([...cases.map(([name]) => name), 'C64'].sort());
  });
  test('integers beyond int32 and complex numbers are errors', async () => {
    const header = (dtype: string) => ({ x: { dtype, shape: [1], data_offsets: [0, 8] } });
    const large = await open(fileOf(header('I64'), Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0)));
    await expect(large.read('x')).rejects.toThrow('x: integer 4294967296 does not fit into int32');
    const complex = await open(fileOf(header('C64'), new Uint8Array(8)));
    await expect(complex.read('x')).rejects.toThrow('complex numbers');
  });
});

/** A copy with one byte replaced. */
const broken = (file: Uint8Array, at: number, value: number) => file.with(at, value);

describe('unsound files', () => {
  const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({
    dtype,
    shape,
    data_offsets: offsets,
  });
  const cases: [what: string, file: Uint8Array, message: string][] = [
    ['an empty file', new Uint8Array(0), 'it has 0 bytes'],
    ['text', new TextEncoder().encode('I am a checkpoint.'), 'the header claims'],
    [
      'a header cut off',
      fileOf({ a: entry([4], [0, 16]) }).slice(0, 30),
      'it is cut off or of another format',
    ],
    ['a header that is no JSON', fileOf('{"a":'), 'its header is not sound JSON'],
    ['a header that is a list', fileOf([]), 'its header is not a JSON object'],
    ['a header after a space', fileOf(' {}'), 'its header is not a JSON object that begins with {'],
    ['a byte order mark', fileOf('\ufeff{}'), 'its header is not sound JSON'],
    ['bytes that are no UTF-8', broken(fileOf('{"a":0}'), 10, 0xff), 'its header is not sound JSON'],
    ['a zero after the header', fileOf('{}\0'), 'its header is not sound JSON'],
    ['one name twice', fileOf('{"a":{},"\\u0061":{}}'), 'duplicate key "a"'],
    ['half a surrogate pair', fileOf('{"\\ud800":{}}'), 'half a surrogate pair'],
    ['nesting', fileOf(`{"a":${'['.repeat(20_000)}`), 'nested deeper than 64 levels'],
    ['metadata that is a number', fileOf({ __metadata__: { made: 1 } }), '__metadata__ may hold text only'],
    ['metadata that is a list', fileOf({ __metadata__: ['a'] }), '__metadata__ may hold text only'],
    [
      'a whole number written as a fraction',
      fileOf('{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', new Uint8Array(1)),
      'expected whole numbers from 0 only',
    ],
    [
      'a size that overflows before a zero',
      fileOf({ a: entry([1e12, 1e12, 0], [0, 0]) }),
      'a: shape [1000000000000,1000000000000,0] has more elements than any file',
    ],
    ['half a byte', fileOf({ a: entry([1], [0, 1], 'F4') }, new Uint8Array(1)), 'F4 [1] ends inside a byte'],
    ['an entry that is none', fileOf({ a: null }), 'a: unknown dtype undefined'],
    ['an unknown dtype', fileOf({ a: entry([1], [0, 4], 'F99') }, new Uint8Array(4)), 'unknown dtype "F99"'],
    [
      'a name of every object',
      fileOf({ a: entry([1], [0, 4], 'toString') }, new Uint8Array(4)),
      'unknown dtype "toString"',
    ],
    ['a negative extent', fileOf({ a: entry([-1], [0, 4]) }, new Uint8Array(4)), 'whole numbers from 0'],
    ['a fraction', fileOf({ a: entry([0.5], [0, 2]) }, new Uint8Array(2)), 'whole numbers from 0'],
    ['an extent that is a word', fileOf({ a: entry(['1'], [0, 4]) }, new Uint8Array(4)), 'shape ["1"]'],
    [
      'offsets that are words',
      fileOf({ a: entry([1], ['0', '4']) }, new Uint8Array(4)),
      'are no pair of whole numbers',
    ],
    [
      'data cut off',
      fileOf({ a: entry([4], [0, 16]) }, new Uint8Array(15)),
      'its data ends at byte 16, the file holds 15',
    ],
    [
      'offsets that lie about the size',
      fileOf({ a: entry([4], [0, 12]) }, new Uint8Array(16)),
      'takes 16 bytes, its offsets 0…12 span 12',
    ],
    [
      'overlapping tensors',
      fileOf({ a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, new Uint8Array(12)),
      'b: its data begins at 4',
    ],
    [
      'a gap',
      fileOf({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, new Uint8Array(12)),
      'b: its data begins at 8',
    ],
    [
      'data that nobody describes',
      fileOf({ a: entry([1], [0, 4]) }, new Uint8Array(9)),
      'describes 4 bytes of data, the file holds 9',
    ],
    ['an enormous header', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), 'at most 16777216 are allowed'],
  ];
  test.each(cases)('%s', async (_what, file, message) => {
    await expect(open(file)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining(message),
    });
  });

  test('a message stays short, however long what it complains about is', async () => {
    const long = 'x'.repeat(1e5);
    const many = Array.from({ length: 1e5 }, () => 'no number');
    for (const header of [{ [long]: entry([1], [0, 4], long) }, { a: entry(many, [0, 4]) }]) {
      const error = await open(fileOf(header)).catch((reason: Error) => reason);
      expect((error as Error).message.length).toBeLessThan(1000);
    }
  });

  test('the smallest file with a header is one', async () => {
    expect((await open(fileOf({ __metadata__: null }))).names).toEqual([]);
  });

  test('no bytes at all make it crash or hang', async () => {
    const sound = await toSafetensors({ a: tensor('float32', [3, 2]), b: tensor('uint8', [5]) });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(sound.length - 1),
        fc.nat(255),
        fc.nat(sound.length),
        async (at, value, length) => {
          const file = sound.slice(0, length);
          if (at < file.length) file[at] = value;
          const outcome = await open(file).then(readAll, (error: Error) => error);
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'format' });
          else for (const { shape, data } of Object.values(outcome)) expect(data.length).toBe(sizeOf(shape));
        },
      ),
      { numRuns: 500 },
    );
  });
});
