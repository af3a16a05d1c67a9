import { expect, test } from 'vitest';
import { fileListFiles, noFiles } from '../model_files.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';
import { memoryFiles, numbersOf, openFixture, sameInTensorFlow, watched } from '../test_checkpoints.ts';
import { fixture } from '../test_fixtures.ts';
import { openTensorFlowIndex } from './open_checkpoint.ts';

test.each([
  'same.index',
  'same.data-00000-of-00001',
  'checkpoint',
  'shards.index',
  'shards.data-00001-of-00002',
  'saved_model/saved_model.pb',
])('%s holds the weights that every framework has written', async (name) => {
  const expected = await sameInTensorFlow();
  const checkpoint = await openFixture(`tensorflow/${name}`);
  const found = await readAll(checkpoint);
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [weight, tensor] of Object.entries(expected)) expect(found[weight], weight).toEqual(tensor);
  expect(checkpoint.storedBytes).toBe(612);
});

test('checkpoints of objects have the full names of their variables', async () => {
  const { names } = await openFixture('tensorflow/objects.index');
  expect(names).toContain('conv/weights');
  expect(names).toContain('step');
  expect(names).toHaveLength(9);
});

test('where objects share full names, paths of attributes are the names', async () => {
  const { names, read } = await openFixture('tensorflow/unnamed.index');
  expect(names.filter((name) => name.startsWith('model'))).toEqual([
    'model/layers/0/w',
    'model/layers/1/w',
    'model/layers/2/w',
  ]);
  expect(numbersOf(await read('model/layers/1/w'))).toEqual([1, 1]);
});

test('an index of several blocks that Snappy compressed holds what the plain one does', async () => {
  const plain = await openFixture('tensorflow/many.index');
  const compressed = await openFixture('tensorflow/snappy.index');
  expect(plain.names).toHaveLength(300);
  expect(compressed.names).toEqual(plain.names);
  const name = 'a_rather_long_scope/block217/unit/weights';
  expect(numbersOf(await compressed.read(name))).toEqual([217, 217]);
});

test('variables in parts are read as one', async () => {
  const { names, read } = await openFixture('tensorflow/parts.index');
  expect(names).toEqual(['columns', 'hundreds', 'long', 'rows', 'whole']);
  const long = Array.from({ length: 20_000 }, (_, i) => (i << 24) >> 24);
  expect(numbersOf(await read('long'))).toEqual(long);
  expect(numbersOf(await read('hundreds'))).toEqual(long.slice(0, 300));
  const whole = await read('whole');
  expect(await read('rows')).toEqual(whole);
  expect(await read('columns')).toEqual(whole);
  expect(whole.shape).toEqual([2, 70, 3]);
});

test('variables of every dtype', async () => {
  const { names, read, spec } = await openFixture('tensorflow/kinds.index');
  for (const name of names.filter((name) => /^(b?float|u?int)\d+$/.test(name))) {
    const tensor = await read(name);
    expect(numbersOf(tensor), name).toEqual([0, 1, 2, 3, 100, 120]);
    expect(spec(name), name).toEqual({ dtype: tensor.dtype, shape: [2, 3] });
  }
  expect(numbersOf(await read('bool'))).toEqual([0, 0, 1, 1, 1, 1]);
  expect(numbersOf(await read('scalar'))).toEqual([0.25]);
  expect((await read('empty')).shape).toEqual([0, 3]);
  for (const [name, dtype] of [
    ['text', 'DT_STRING'],
    ['complex', 'DT_COMPLEX64'],
  ])
    await expect(read(name)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`${name} is of the dtype ${dtype}`),
    });
});

test('files that are missing are named', async () => {
  const index = fixture('tensorflow/shards.index');
  await expect(openCheckpoint(index)).rejects.toThrow(
    'its data file shards.data-00000-of-00002 is missing: put it beside the index',
  );
  const state = fixture('tensorflow/checkpoint');
  await expect(openCheckpoint(state)).rejects.toThrow('its weights lie in same.index, which is missing');
  const saved = fixture('tensorflow/saved_model/saved_model.pb');
  await expect(openCheckpoint(saved)).rejects.toThrow('its weights lie in variables/variables.index');
});

test('an index that was renamed takes the data files of the one checkpoint beside it', async () => {
  const data = await fixture('tensorflow/same.data-00000-of-00001').read(0, 612);
  const index = { ...fixture('tensorflow/same.index'), name: 'index (1)' };
  const files = memoryFiles({ 'same.data-00000-of-00001': data });
  expect((await openTensorFlowIndex(index, files)).names).toHaveLength(8);
  expect(
    (await openTensorFlowIndex(index, fileListFiles([new File([data.slice()], 'same.data-00000-of-00001')])))
      .names,
  ).toHaveLength(8);
});

test('damaged data and a damaged index are found by their checksums', async () => {
  const data = (await fixture('tensorflow/same.data-00000-of-00001').read(0, 612)).slice();
  data[0] ^= 1;
  const files = memoryFiles({ 'same.data-00000-of-00001': data });
  const checkpoint = await openTensorFlowIndex(fixture('tensorflow/same.index'), files);
  const [first, ...others] = checkpoint.names;
  await expect(checkpoint.read(first)).rejects.toThrow('does not have its checksum');
  for (const name of others) await checkpoint.read(name);
  const index = fixture('tensorflow/same.index');
  const damaged = (await index.read(0, index.size)).slice();
  damaged[40] ^= 1;
  await expect(
    openTensorFlowIndex({ ...index, read: async (at, n) => damaged.subarray(at, at + n) }, files),
  ).rejects.toThrow('does not have its checksum');
  const short = memoryFiles({ 'same.data-00000-of-00001': data.subarray(0, 600) });
  await expect(openTensorFlowIndex(index, short)).rejects.toThrow('which has 600');
});

test('a tensor is read by itself', async () => {
  const { bytes, fetched } = watched(fixture('tensorflow/same.data-00000-of-00001'));
  const files = { ...noFiles, open: async () => bytes };
  const checkpoint = await openTensorFlowIndex(fixture('tensorflow/same.index'), files);
  expect(fetched()).toBe(0);
  await checkpoint.read('norm/gamma');
  expect(fetched()).toBe(16);
});
