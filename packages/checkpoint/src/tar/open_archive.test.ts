import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryBytes, readExactly } from '../bytes.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';
import { fixtureBytes, openFixture, sameInTensorFlow, sameWeights } from '../test_checkpoints.ts';
import { tarFiles } from './open_archive.ts';
import { gzip, type TarOddities, writeTar } from './test_tar.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const here = (archive: Uint8Array) => memoryBytes(archive, 'zoo.tar.gz');

async function contents(archive: Uint8Array): Promise<Record<string, Uint8Array>> {
  const files = await tarFiles(here(archive));
  const found: Record<string, Uint8Array> = {};
  for (const name of files.names) {
    const file = await files.open(name);
    if (file) found[name] = Uint8Array.from(await readExactly(file, 0, file.size));
  }
  return found;
}

const part = fc.stringMatching(/^[a-zä_][a-z0-9ä_.-]{0,60}$/);
const someFiles = fc.dictionary(
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  fc.uint8Array({ maxLength: 1500 }),
  { minKeys: 1, maxKeys: 5, noNullPrototype: true },
);
const longName = 'a folder of a name that is longer than most/'.repeat(3);

test.each<TarOddities>([
  { style: 'posix' },
  { style: 'posix', sizeAttributes: true },
  { style: 'gnu' },
  { style: 'gnu', binarySizes: true },
  { style: 'ustar' },
])('names and sizes that do not fit their fields: %j', async (odd) => {
  const files = { [`${longName}a`]: bytesOf('first'), [`${longName}b`]: bytesOf(''), c: bytesOf('last') };
  expect(await contents(writeTar(files, odd))).toEqual(files);
});

const oddities = fc.record<TarOddities>({
  style: fc.constantFrom('posix', 'gnu'),
  binarySizes: fc.boolean(),
});

test('what was put into an archive comes out of it, whichever tar wrote it, packed or not', async () => {
  await fc.assert(
    fc.asyncProperty(someFiles, oddities, fc.boolean(), async (files, odd, isPacked) => {
      const tar = writeTar(files, odd);
      expect(await contents(isPacked ? await gzip(tar) : tar)).toEqual(files);
    }),
    { numRuns: 60 },
  );
});

test('archives from before POSIX, folders, links, and names that lead elsewhere', async () => {
  const files = { 'a/b': bytesOf('inside') };
  expect(await contents(writeTar(files, { style: 'old' }))).toEqual(files);
  expect(await contents(writeTar({ './a/b': bytesOf('inside') }))).toEqual(files);
  expect(await contents(writeTar(files, { type: '5' }))).toEqual({});
  expect(await contents(writeTar(files, { type: '2' }))).toEqual({});
  expect(await contents(writeTar({ '../a': bytesOf('out'), '/etc/a': bytesOf('out') }))).toEqual({});
});

const tensorFlow = (names: readonly string[], folder = 'deeplabv3_people/') =>
  Object.fromEntries(names.map((name) => [`${folder}${name}`, fixtureBytes(`tensorflow/${name}`)]));
const bundle = ['same.index', 'same.data-00000-of-00001'];

test('the checkpoint in an archive of a model zoo: an index and its data', async () => {
  const checkpoint = await openCheckpoint(here(await gzip(writeTar(tensorFlow(bundle)))));
  expect(await readAll(checkpoint)).toEqual(await sameInTensorFlow());
});

test('the graph that infers is taken before the checkpoint that it came from', async () => {
  const archive = writeTar({
    ...tensorFlow(bundle),
    'deeplabv3_people/frozen_inference_graph.pb': fixtureBytes('tensorflow/frozen.pb'),
    'deeplabv3_people/._frozen_inference_graph.pb': bytesOf('left behind by a Mac'),
  });
  const checkpoint = await openCheckpoint(here(archive));
  expect(checkpoint.names).toEqual((await openFixture('tensorflow/frozen.pb')).names);
});

test('a SavedModel, whose variables lie in a folder of their own', async () => {
  const names = ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'];
  const files = names.map((name) => [`./${name}`, fixtureBytes(`tensorflow/saved_model/${name}`)] as const);
  const checkpoint = await openCheckpoint(here(await gzip(writeTar(Object.fromEntries(files)))));
  const plain = await openFixture('tensorflow/saved_model/variables/variables.index');
  expect(await readAll(checkpoint)).toEqual(await readAll(plain));
});

test('a PyTorch file beside what describes it', async () => {
  const archive = writeTar({ 'README.md': bytesOf('# Weights'), 'a.pth': fixtureBytes('torch_zip.pth') });
  expect(await readAll(await openCheckpoint(here(archive)))).toEqual(await sameWeights());
});

const damaged: [why: string, archive: () => Promise<Uint8Array>, message: RegExp][] = [
  [
    'data without an index',
    async () => writeTar(tensorFlow([bundle[1]])),
    /same\.data-.*: its weights lie in same\.index, which is missing/,
  ],
  [
    'an index without data',
    async () => writeTar(tensorFlow([bundle[0]])),
    /its data file same\.data-00000-of-00001 is missing/,
  ],
  ['no checkpoint', async () => writeTar({ a: bytesOf(''), b: bytesOf('') }), /none of its files.*: a, b$/],
  ['nothing', async () => gzip(writeTar({})), /no tar archive in it/],
  [
    'two checkpoints',
    async () => writeTar({ 'a.pth': bytesOf(''), 'b.pth': bytesOf('') }),
    /several checkpoints: a\.pth, b\.pth/,
  ],
  [
    'an archive in an archive',
    async () => writeTar({ 'a.pth': await gzip(writeTar({})) }),
    /zoo\.tar\.gz\/a\.pth: an archive inside an archive/,
  ],
  ['no tar', async () => gzip(bytesOf('weights')), /a gzip file with no tar archive in it/],
  [
    'half of it',
    async () => (await gzip(writeTar(tensorFlow(bundle)))).subarray(0, 200),
    /cannot be unpacked/,
  ],
  [
    'an end inside a file',
    async () => writeTar({ a: new Uint8Array(2000) }).subarray(0, 1024),
    /a ends at byte 2512, the archive has 1024/,
  ],
  [
    'a header that is damaged',
    async () => {
      const archive = writeTar({ a: bytesOf('1'), b: bytesOf('2') });
      archive[1024] = 0x63;
      return archive;
    },
    /its header at byte 1024 is damaged: its checksum is wrong/,
  ],
  [
    'more than it can hold',
    async () => gzip(new Uint8Array((1 << 26) + 1)),
    /bytes come to more than 67108864: unpack it first/,
  ],
];

test.each(damaged)('an archive with %s is refused', async (_, archive, message) => {
  await expect(openCheckpoint(here(await archive()))).rejects.toMatchObject({
    name: 'AtrousError',
    code: 'format',
    message: expect.stringMatching(message),
  });
});

test('endless headers and attributes end', async () => {
  const header = writeTar({ a: new Uint8Array(0) }).subarray(0, 512);
  const size = 512 * 30_000;
  const endless = {
    name: 'a.tar',
    size,
    read: async (_: number, length: number) => repeated(header, length),
  };
  await expect(openCheckpoint(endless)).rejects.toThrow('it has more than 20000 files');
  const wide = writeTar({ a: new Uint8Array((1 << 20) + 1) }, { type: 'x' });
  await expect(openCheckpoint(here(wide))).rejects.toThrow('at most 1048576 are allowed');
});

function repeated(block: Uint8Array, length: number): Uint8Array {
  const all = new Uint8Array(length);
  for (let at = 0; at < length; at += block.length) all.set(block.subarray(0, length - at), at);
  return all;
}
