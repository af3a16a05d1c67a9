import { expect, test } from 'vitest';
import { memoryBytes, readExactly } from '../bytes.ts';
import { openCheckpoint } from '../open.ts';
import { pickled } from '../pickle/test_pickler.ts';
import { fixture } from '../test_fixtures.ts';
import { openZip } from '../zip/open_zip.ts';
import { writeZip } from '../zip/test_zip.ts';
import { openTorchLegacy } from './open_legacy.ts';

/** The files of a sound archive, to be changed. */
async function filesOf(name: string): Promise<Record<string, Uint8Array>> {
  const zip = await openZip(fixture(name));
  const read = [...zip.entries.values()].map(async (entry): Promise<[string, Uint8Array]> => {
    const file = await zip.open(entry);
    return [entry.name, (await readExactly(file, 0, file.size)).slice()];
  });
  return Object.fromEntries(await Promise.all(read));
}

const storage = 'torch_zip/data/3'; // of norm.bias

test.each<[what: string, change: (files: Record<string, Uint8Array>) => void, message: string]>([
  [
    'a storage that is missing',
    (files) => delete files[storage],
    'norm.bias: its data (storage 3) is missing',
  ],
  [
    'one that is too short',
    (files) => {
      files[storage] = files[storage].subarray(4);
    },
    'takes 16 bytes, the file has 12',
  ],
  [
    'one that is too long',
    (files) => {
      files[storage] = new Uint8Array(20);
    },
    'takes 16 bytes, the file has 20',
  ],
  ['no pickle', (files) => delete files['torch_zip/data.pkl'], 'expected one data.pkl in it, found 0'],
  [
    'two pickles',
    (files) => {
      files['b/data.pkl'] = files[storage];
    },
    'expected one data.pkl in it, found 2',
  ],
  [
    'an odd byte order',
    (files) => {
      files['torch_zip/byteorder'] = new TextEncoder().encode('middle');
    },
    'its byte order is "middle"',
  ],
])('a zip with %s is refused', async (_, change, message) => {
  const files = await filesOf('torch_zip.pth');
  change(files);
  await expect(openCheckpoint(memoryBytes(writeZip(files), 'a'))).rejects.toMatchObject({
    code: 'format',
    message: expect.stringContaining(message),
  });
});

test('a zip without a byte order has the lowest byte first', async () => {
  const files = await filesOf('torch_zip.pth');
  delete files['torch_zip/byteorder'];
  const checkpoint = await openCheckpoint(memoryBytes(writeZip(files), 'a'));
  expect(await checkpoint.read('norm.bias')).toEqual(
    await (await openCheckpoint(fixture('torch.safetensors'))).read('norm.bias'),
  );
});

const part = await readExactly(fixture('torch_legacy_part.pth'), 0, fixture('torch_legacy_part.pth').size);
const storageSize = 8 + 6 * 4;
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((bytes) => [...bytes]));
/** The five pickles without the last, which lists the storages. */
const withoutKeys = part.subarray(0, part.lastIndexOf(0x80, part.length - storageSize - 1));
const stored = part.subarray(part.length - storageSize);

test.each<[what: string, file: Uint8Array, message: string]>([
  ['another number', joined(pickled(5n), part), 'its magic number is 5'],
  [
    'another protocol',
    joined(pickled(0x1950a86a20f9469cfc6cn), pickled(1000)),
    'its protocol is 1000, expected 1001',
  ],
  ['an end inside a storage', part.subarray(0, -1), 'storage 0 claims 6 elements'],
  ['more after its storages', joined(part, Uint8Array.of(0)), `its storages end at byte ${part.length}`],
  ['no list of storages', joined(withoutKeys, pickled(5), stored), 'the order of its storages is 5'],
  ['a storage twice', joined(withoutKeys, pickled(['0', '0']), stored, stored), 'lists storage 0 twice'],
  [
    'a storage that nothing uses',
    joined(withoutKeys, pickled(['1']), stored),
    'a storage 1 that no tensor uses',
  ],
  ['a storage that is missing', joined(withoutKeys, pickled([])), 'its data (storage 0) is missing'],
  [
    'a negative count',
    joined(withoutKeys, pickled(['0']), new Uint8Array(8).fill(255), stored),
    'claims -1 elements',
  ],
])('a legacy file with %s is refused', async (_, file, message) => {
  await expect(openTorchLegacy(memoryBytes(file, 'a'))).rejects.toMatchObject({
    code: 'format',
    message: expect.stringContaining(message),
  });
});
