import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import { type ModelFiles, noFiles } from '../model_files.ts';
import { folderFiles } from '../node_files.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';
import { fixture, fixturePath } from '../test_fixtures.ts';
import { openShards } from './open_shards.ts';

const shards = await folderFiles(fixturePath('shards'));
const safe = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const indexOf = (index: unknown, files: ModelFiles = shards) => {
  const text = typeof index === 'string' ? index : JSON.stringify(index);
  return openCheckpoint(memoryBytes(new TextEncoder().encode(text), 'here/index.json'), { files });
};

test.each(['model.safetensors.index.json', 'pytorch_model.bin.index.json'])(
  '%s gives the tensors of all its shards',
  async (name) => {
    const checkpoint = await openCheckpoint(fixture(`shards/${name}`), { files: shards });
    expect(await readAll(checkpoint)).toEqual(
      await readAll(await openCheckpoint(fixture('torch.safetensors'))),
    );
    expect(checkpoint.spec('head.bias')).toEqual({ dtype: 'float32', shape: [5] });
    expect(() => checkpoint.spec('other')).toThrow('weight "other" is missing');
  },
);

test('an index too large to be read at once is refused before it is read', async () => {
  const read = async (_: number, length: number) => new Uint8Array(length);
  const large = { name: 'a', size: (1 << 24) + 1, read };
  await expect(openShards(large, noFiles)).rejects.toThrow(
    'it has 16777217 bytes, at most 16777216 are allowed',
  );
});

test('a shard that is missing is named, with what to do', async () => {
  const index = fixture('shards/model.safetensors.index.json');
  await expect(openCheckpoint(index)).rejects.toMatchObject({
    code: 'format',
    message: `shards/model.safetensors.index.json: its shard ${safe[0]} is missing: put it beside the index, or choose all files together`,
  });
  const one: ModelFiles = {
    names: [safe[0]],
    open: (name) => (name === safe[0] ? shards : noFiles).open(name),
  };
  await expect(openCheckpoint(index, { files: one })).rejects.toThrow(`its shard ${safe[1]} is missing`);
});

test('what the index says besides is metadata', async () => {
  const { metadata, names } = await indexOf({
    metadata: { format: 'pt', total: 5 },
    weight_map: { 'head.bias': safe[1] },
  });
  expect(metadata).toEqual({ format: 'pt', total: '5' });
  expect(names).toEqual(['head.bias']);
});

test.each<[index: unknown, message: string]>([
  ['{"weight_map": {', 'it is not sound JSON'],
  [{ weight_map: [] }, 'weight_map is [], expected an object'],
  [{ weight_map: {} }, 'weight_map is empty'],
  [{ weight_map: { a: 5 } }, 'a lies in 5, expected the name of a file beside the index'],
  [
    { weight_map: { a: '../model.safetensors' } },
    'a lies in "../model.safetensors", expected the name of a file',
  ],
  [{ weight_map: { a: '/etc/passwd' } }, 'a lies in "/etc/passwd"'],
  [{ weight_map: { a: safe[0] } }, `a is not in ${safe[0]}`],
  [{ weight_map: { 'conv.bias': safe[0] }, metadata: 5 }, 'metadata is 5, expected an object'],
  [
    { weight_map: { 'conv.bias': safe[0] }, metadata: { total_size: '5' } },
    'total_size is "5", expected a whole number',
  ],
  [
    { weight_map: { 'conv.bias': safe[0] }, metadata: { total_size: 5 } },
    'its tensors take 5 bytes, those of the shards 480',
  ],
  [{ weight_map: { a: 'model.safetensors.index.json' } }, `its shard ${safe[0]} is missing`], // an index is no shard
])('%j is refused: %s', async (index, message) => {
  await expect(indexOf(index)).rejects.toMatchObject({
    code: 'format',
    message: expect.stringContaining(message),
  });
});
