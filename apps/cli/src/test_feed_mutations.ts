import type { Ports } from '@atrous/tensor';

/** What the mutated files are read for. */
export const inputs: Ports = { image: { dtype: 'float32', shape: [null, null, null, 3] } };

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Below = ReturnType<typeof numbers>;

const dtypes = [
  'F64',
  'F32',
  'F16',
  'BF16',
  'F8_E4M3',
  'F8_E5M2',
  'F4',
  'I64',
  'I32',
  'U8',
  'BOOL',
  'C64',
  'X',
  1,
];
const extents = [0, 1, 2, 3, 7, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, 'a', null, [3], true];
const names = [
  'image',
  '',
  '__proto__',
  'constructor',
  'toString',
  '__metadata__',
  'logits',
  'x'.repeat(70_000),
];
/** Float32 numbers by their bytes: NaN, both infinities, the largest, a subnormal, minus zero. */
const floats = [0x7fc00000, 0x7f800000, 0xff800000, 0x7f7fffff, 1, 0x80000000];

/** A safetensors file of any header and data; the length in front may lie. */
function fileOf(header: string, data: Uint8Array, length?: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

interface Entry {
  readonly dtype: unknown;
  readonly shape: readonly unknown[];
  readonly data_offsets: readonly unknown[];
}

/** A feed as a user would write it, of one to six rows and columns, in any float kind. */
function soundParts(below: Below): { entry: Entry; data: Uint8Array } {
  const [dtype, width] = (
    [
      ['F32', 4],
      ['F32', 4],
      ['F16', 2],
      ['BF16', 2],
      ['F64', 8],
    ] as const
  )[below(5)];
  const shape = [1 + below(2), 1 + below(6), 1 + below(6), 3];
  const size = shape.reduce((product, extent) => product * extent, width);
  const data = Uint8Array.from({ length: size }, (_, i) => (i % width === width - 1 ? 0x3c : below(256)));
  return { entry: { dtype, shape, data_offsets: [0, size] }, data };
}

/** Changes to the header as JSON: its entries by name. */
const headerMutations: ((entry: Entry, below: Below) => [name: string, value: unknown][])[] = [
  (entry, below) => [['image', { ...entry, dtype: dtypes[below(dtypes.length)] }]],
  (entry, below) => [
    ['image', { ...entry, shape: entry.shape.with(below(4), extents[below(extents.length)]) }],
  ],
  (entry, below) => {
    const shape = Array.from({ length: below(7) }, () => extents[below(extents.length)]);
    return [['image', { ...entry, shape }]];
  },
  (entry, below) => [['image', { ...entry, shape: entry.shape.toReversed().slice(0, 3 + below(2)) }]],
  (entry, below) => [['image', { ...entry, shape: [below(2) ? 2 ** 52 : 0, 2 ** 52, below(3), 3] }]],
  (entry, below) => {
    const offsets = entry.data_offsets.with(below(2), extents[below(extents.length)]);
    return [['image', { ...entry, data_offsets: offsets }]];
  },
  (entry, below) => [['image', { ...entry, data_offsets: [below(9) - 4, below(400)] }]],
  (entry, below) => [['image', { ...entry, [Object.keys(entry)[below(3)]]: undefined }]],
  (entry, below) => [[names[below(names.length)], entry]],
  (entry, below) => [
    ['image', entry],
    [names[1 + below(names.length - 1)], { dtype: 'F32', shape: [0], data_offsets: [0, 0] }],
  ],
  (_, below) => [['image', [null, 7, 'F32', [], {}, true][below(6)]]],
  (entry, below) => [
    ['__metadata__', [null, 7, 'text', [1], { a: 1 }, { a: 'b' }][below(6)]],
    ['image', entry],
  ],
];

/** Changes to the header as text. */
const textMutations: ((text: string, below: Below) => string)[] = [
  (text, below) => text.slice(0, below(text.length)),
  (text, below) => text.replace(/[{}[\]",:]/g, (sign) => (below(12) === 0 ? '' : sign)),
  (text, below) =>
    text.replace(/\d+/g, (number) => (below(3) === 0 ? `${number}${'9'.repeat(below(400))}` : number)),
  (text) => `${text.slice(0, -1)},${text.slice(1)}`, // every key twice
  (text, below) => text.replace('[0', `[${'['.repeat(1 << below(18))}0`),
  (text, below) =>
    `${text.slice(0, -1)},"deep":${'{"a":'.repeat(1 << below(17))}1${'}'.repeat(1 << below(17))}}`,
  (text, below) => text + ' '.repeat(below(1 << 16)),
];

/** Changes to the bytes of the whole file. */
const byteMutations: ((file: Uint8Array, below: Below) => Uint8Array)[] = [
  (file, below) => {
    for (let i = 0; i <= below(4); i++) file[below(file.length)] ^= 1 << below(8);
    return file;
  },
  (file, below) => {
    for (let i = 0; i <= below(8); i++) file[below(file.length)] = below(256);
    return file;
  },
  (file, below) => file.slice(0, below(file.length + 1)),
  (file, below) => Uint8Array.from([...file, ...Array.from({ length: 1 + below(64) }, () => below(256))]),
  (file, below) => {
    const at = below(file.length);
    return Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + 1 + below(8))]);
  },
  (file, below) => {
    new DataView(file.buffer).setBigUint64(0, BigInt(2) ** BigInt(below(64)) + BigInt(below(3)) - 1n, true);
    return file;
  },
];

/** A damaged feeds file, the same for the same seed. Some are still sound. */
export function mutatedFeeds(seed: number): Uint8Array {
  const below = numbers(seed);
  const { entry, data } = soundParts(below);
  const header = JSON.stringify({ image: entry });
  switch (below(4)) {
    case 0: {
      const entries = headerMutations[below(headerMutations.length)](entry, below);
      return fileOf(JSON.stringify(Object.fromEntries(entries)), data);
    }
    case 1:
      return fileOf(textMutations[below(textMutations.length)](header, below), data);
    case 2:
      return byteMutations[below(byteMutations.length)](fileOf(header, data), below);
    default:
      return fileOf(header, withOddFloats(data, below));
  }
}

/** Some numbers of the data replaced by ones that no picture has. */
function withOddFloats(data: Uint8Array, below: Below): Uint8Array {
  const view = new DataView(data.buffer);
  for (let i = 0; i <= below(3) && data.length >= 4; i++) {
    view.setUint32(4 * below(data.length >> 2), floats[below(floats.length)], true);
  }
  return data;
}
