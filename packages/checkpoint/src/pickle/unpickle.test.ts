import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { plainGlobals } from './globals.ts';
import { PickleEndsEarly } from './reader.ts';
import { pickled } from './test_pickler.ts';
import { parseStart, unpickle } from './unpickle.ts';

const fail: Fail = (why) => {
  throw new Error(why);
};
const rules = { global: (name: string) => plainGlobals.get(name), storage: (id: unknown) => ({ id }), fail };
/** A text stands for its bytes in Latin-1. */
const read = (text: string) =>
  unpickle(
    Uint8Array.from(text, (char) => char.charCodeAt(0)),
    0,
    rules,
  ).value;

const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 500n }),
    fc.bigInt({ min: -(2n ** 500n), max: -(2n ** 53n) }),
    fc.double({ noNaN: true }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.array(fc.string(), { maxLength: 4 }).map((items) => new Set(items)),
  ),
}));

test('values come back as they were', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = pickled(value);
      expect(unpickle(bytes, 0, rules)).toEqual({ value, end: bytes.length });
    }),
  );
});

test('every beginning of a pickle is said to end early', () => {
  const bytes = pickled(new Map<string, unknown>([['a', [1, 2.5, 'text', 2n ** 70n]]]));
  for (let length = 0; length < bytes.length; length++)
    expect(() => unpickle(bytes.subarray(0, length), 0, rules)).toThrow(PickleEndsEarly);
  const lines = 'ccollections\nOrderedDict\n)R.';
  for (let length = 0; length < lines.length; length++)
    expect(() => read(lines.slice(0, length))).toThrow(PickleEndsEarly);
});

test.each<[what: string, pickle: string, value: unknown]>([
  [
    'a tuple of each length',
    ')K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87(K\x01K\x02t\x87\x86\x86.',
    [
      [],
      [
        [1],
        [
          [1, 2],
          [1, 2, 3],
          [1, 2],
        ],
      ],
    ],
  ],
  ['values kept and recalled', ']q\x05K\x07ah\x05\x86.', [[7], [7]]],
  ['values kept by count', ']\x94K\x07a\x94h\x00h\x01\x87.', [[7], [7], [7]]],
  ['values kept far out', 'K\x07r\0\0\x01\0j\0\0\x01\0\x86.', [7, 7]],
  [
    'lines of protocol 1',
    '(I01\nI00\nI-12\nL12345678901234567890L\nl.',
    [true, false, -12, 12345678901234567890n],
  ],
  ['a dictionary and a list of what lies above a mark', '((K\x01K\x02d(K\x03ll.', [new Map([[1, 2]]), [3]]],
  ['text of Python 2', '(U\x02\xe4bT\x02\0\0\0cdl.', ['äb', 'cd']],
  ['values dropped and doubled, and a mark dropped', 'K\x01(0K\x020K\x032\x87.', [1, 3, 3]],
  ['what lies above a mark dropped', 'K\x01(K\x02K\x031.', 1],
  ['a frozen set', '(K\x01K\x02\x91.', new Set([1, 2])],
  [
    'bytes of every length',
    '(C\x01aB\x02\0\0\0bc\x8e\x01\0\0\0\0\0\0\0d\x96\x01\0\0\0\0\0\0\0el.',
    [[97], [98, 99], [100], [101]].map((b) => Uint8Array.from(b)),
  ],
  ['text of every length', '(\x8c\x01aX\x01\0\0\0b\x8d\x01\0\0\0\0\0\0\0cl.', ['a', 'b', 'c']],
  ['something stored elsewhere', 'K\x07Q.', { id: 7 }],
  ['an ordered dictionary of pairs', 'ccollections\nOrderedDict\n]K\x01K\x02\x86a\x85R.', new Map([[1, 2]])],
  [
    'a dictionary with a factory',
    'ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RK\x01K\x02s.',
    new Map([[1, 2]]),
  ],
  ['a set of Python 2', 'c__builtin__\nset\n](K\x01K\x02e\x85R.', new Set([1, 2])],
  ['bytes as text', 'c_codecs\nencode\nX\x02\0\0\0\xc3\xa4X\x06\0\0\0latin1\x86R.', Uint8Array.of(0xe4)],
  [
    'a number of NumPy',
    'cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\x02f8\x85R(K\x03U\x01<NtbU\x08\0\0\0\0\0\0\xe8?\x86R.',
    0.75,
  ],
  [
    'one with the highest byte first',
    'cnumpy._core.multiarray\nscalar\ncnumpy\ndtype\nU\x02i4\x85R(K\x03U\x01>NtbC\x04\0\0\x01\x02\x86R.',
    258,
  ],
  ['a path', '\x8c\x07pathlib\x8c\x09PosixPath\x93\x8c\x04runs\x8c\x011\x86R.', 'runs/1'],
  ['an object of keywords', 'cargparse\nNamespace\n)}\x92}b0K\x01.', 1],
])('%s is read', (_, pickle, value) => {
  expect(read(pickle)).toEqual(value);
});

test.each<[pickle: string, message: string]>([
  ['cposix\nsystem\nU\x02ls\x85R.', 'asks for posix.system'],
  ['\x8c\x08builtins\x8c\x04eval\x93.', 'asks for builtins.eval'],
  ['\x8c\x0bcollections\x8c\x17OrderedDict.__class__.x\x93.', 'asks for collections.OrderedDict.__class__.x'],
  ['c__builtin__\ngetattr\n.', 'asks for builtins.getattr'],
  ['K\x01K\x02\x93.', 'asks for 1.2'],
  ['cnumpy\nndarray\n)R.', 'calls numpy.ndarray, which may only be named'],
  ['K\x01)R.', 'calls 1, which is no function'],
  ['ccollections\nOrderedDict\nK\x01R.', 'with 1, expected a tuple'],
  ['ccollections\nOrderedDict\nK\x01\x85R.', 'a dictionary is made of what are no pairs'],
  ['cpathlib\nPosixPath\n]\x85R.', 'a path is made of what is no text'],
  ['cnumpy.core.multiarray\nscalar\nK\x01K\x02\x86R.', 'a NumPy number has no dtype'],
  [
    'cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nU\x02f8\x85RU\x01a\x86R.',
    'a NumPy number (f8) has 1 bytes',
  ],
  ['cnumpy\ndtype\n]\x85R.', 'a NumPy dtype is made of what is no text'],
  ['c_codecs\nencode\n]\x85R.', 'bytes are made of what is no text'],
  ['c__builtin__\nset\nK\x01\x85R.', 'a list is made of what is none'],
  ['\x80\x06N.', 'protocol 6, expected at most 5'],
  ['\x82\x01.', 'unknown opcode 130 at byte 0'],
  ['a.', 'takes a value that is not there'],
  ['K\x01(a.', 'takes a value that is not there'],
  ['t.', 'returns to a mark that is not there'],
  ['h\x01.', 'recalls value 1, which it never kept'],
  ['K\x01K\x02a.', 'appends to 1, which is no list'],
  ['K\x01K\x02K\x03s.', 'sets items of 1, which is no dictionary'],
  ['}(K\x01u.', 'a key of a dictionary has no value'],
  [']K\x01b.', 'sets the state of'],
  ['K\x01K\x02.', 'ends with more than one value'],
  ['I1.5\n.', '"1.5" is no whole number'],
  ['\x8b\0\x10\0\0.', 'an integer of 4096 bytes'],
])('%j is refused: %s', (pickle, message) => {
  expect(() => read(pickle)).toThrow(message);
});

test('a start that ends too early is parsed again with more of the file, up to all of it', async () => {
  const file = memoryBytes(new Uint8Array(5 << 20), 'a');
  const lengths: number[] = [];
  const parse = (needed: number) => (start: Uint8Array) => {
    lengths.push(start.length >> 20);
    if (start.length < needed) throw new PickleEndsEarly();
    return 'done';
  };
  expect(await parseStart(file, parse(5 << 20), fail)).toBe('done');
  expect(lengths).toEqual([1, 4, 5]);
  await expect(parseStart(file, parse(6 << 20), fail)).rejects.toThrow('ends early');
  const large = {
    name: 'a',
    size: 2 ** 40,
    read: async (_: number, length: number) => new Uint8Array(length),
  };
  await expect(parseStart(large, parse(2 ** 40), fail)).rejects.toThrow('more than 67108864 bytes');
});
