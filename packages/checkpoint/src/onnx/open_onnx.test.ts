import { TensorProto_DataType as DataType, ModelProtoSchema } from '@atrous/onnx-schema';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import { noFiles } from '../model_files.ts';
import { readAll } from '../safetensors.ts';
import { memoryFiles, numbersOf, openFixture, sameWeights, watched } from '../test_checkpoints.ts';
import { fixture } from '../test_fixtures.ts';
import { authorNames } from './names.ts';
import { openOnnx } from './open_onnx.ts';

test.each(['onnx_raw.onnx', 'onnx_lists.onnx', 'onnx_external.onnx', 'onnx_torch.onnx'])(
  '%s holds the weights that every framework has written',
  async (name) => {
    const expected = await sameWeights();
    const found = await readAll(await openFixture(name));
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [weight, tensor] of Object.entries(expected)) expect(found[weight], weight).toEqual(tensor);
  },
);

test('numbers of every dtype, raw and in lists', async () => {
  const checkpoint = await openFixture('onnx_kinds.onnx');
  const numbers = [0, 1, 2, 3, 100, 120];
  const dtypes: Record<string, string> = { FLOAT16: 'float16', INT8: 'int8', UINT8: 'uint8' };
  for (const kind of 'FLOAT DOUBLE FLOAT16 INT64 INT32 INT16 INT8 UINT64 UINT32 UINT16 UINT8'.split(' ')) {
    for (const name of [`raw/${kind}`, `list/${kind}`]) {
      const read = await checkpoint.read(name);
      expect(numbersOf(read), name).toEqual(numbers);
      expect(read.dtype).toBe(dtypes[kind] ?? (kind.includes('INT') ? 'int32' : 'float32'));
      expect(checkpoint.spec(name)).toEqual({ dtype: read.dtype, shape: [2, 3] });
    }
  }
  const read = async (name: string) => numbersOf(await checkpoint.read(name));
  expect(await read('list/negative')).toEqual(numbers.map((number) => (number === 0 ? 0 : -number)));
  expect(await read('list/negative64')).toEqual(numbers.map((number) => (number === 0 ? 0 : -number)));
  expect(await read('list/BFLOAT16')).toEqual(numbers);
  expect(await read('list/BOOL')).toEqual([0, 0, 1, 1, 1, 1]);
  expect(await read('list/FLOAT8E4M3FN')).toEqual([0.5, -448]);
  expect(await read('scalar')).toEqual([0.25]);
  expect(await checkpoint.read('empty')).toMatchObject({ shape: [0, 3] });
  for (const [name, dtype] of [
    ['text', 'STRING'],
    ['complex', 'COMPLEX64'],
    ['four bits', 'INT4'],
    ['sparse', 'sparse tensor'],
  ]) {
    await expect(checkpoint.read(name)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`${name} is of the dtype ${dtype}`),
    });
  }
  expect(checkpoint.metadata).toEqual({ labels: '["cat"]', producer_name: 'make_onnx' });
});

test('where PyTorch folded a batch norm, the convolution says whose the weights are', async () => {
  const { names } = await openFixture('onnx_torch_folded.onnx');
  expect([...names].sort()).toEqual(['conv.bias', 'conv.weight', 'head.bias', 'head.weight']);
  const blocks = await openFixture('onnx_torch_blocks.onnx');
  expect([...blocks.names].sort()).toEqual(
    ['layer1.0.conv1', 'layer1.1.conv1'].flatMap((module) => [`${module}.bias`, `${module}.weight`]),
  );
  expect(await blocks.read('layer1.1.conv1.bias')).toEqual(await blocks.read('layer1.0.conv1.bias'));
});

test('weights that PyTorch wrote once for several have all of their names', async () => {
  const shared = await openFixture('onnx_torch_shared.onnx');
  const leaves = ['weight', 'bias', 'running_mean', 'running_var'].map((leaf) => `bn1.${leaf}`);
  expect([...shared.names].sort()).toEqual(
    [0, 1].flatMap((i) => ['conv1.weight', ...leaves].map((leaf) => `layer1.${i}.${leaf}`)).sort(),
  );
  expect(numbersOf(await shared.read('layer1.1.bn1.running_var'))).toEqual([1, 1, 1]);
  expect(numbersOf(await shared.read('layer1.1.bn1.running_mean'))).toEqual([0, 0, 0]);
  expect(shared.storedBytes).toBe(4 * (2 * 81 + 2 * 3));
});

test('opening reads the headers, reading one tensor its own bytes', async () => {
  const filler = {
    name: 'large',
    dims: [1n << 20n],
    dataType: DataType.FLOAT,
    rawData: new Uint8Array(1 << 22),
  };
  const small = { name: 'small', dims: [1n], dataType: DataType.FLOAT, rawData: new Uint8Array(4) };
  const model = create(ModelProtoSchema, { irVersion: 8n, graph: { initializer: [filler, small] } });
  const { bytes, fetched } = watched(memoryBytes(toBinary(ModelProtoSchema, model), 'a'));
  const checkpoint = await openOnnx(bytes, noFiles);
  expect(checkpoint.names).toEqual(['large', 'small']);
  const fetchedFirst = fetched();
  expect(fetchedFirst).toBeLessThan(100_000);
  await checkpoint.read('small');
  expect(fetched() - fetchedFirst).toBe(4);
});

test('files beside the model are those below its folder, and must be there', async () => {
  await expect(openFixture('onnx_outside.onnx')).rejects.toThrow(
    'a: its data lies in "../onnx_external.data", expected the name of a file beside the model',
  );
  await expect(openOnnx(fixture('onnx_external.onnx'), noFiles)).rejects.toThrow(
    'conv.weight: its data lies in onnx_external.data, which is missing',
  );
  const cut = { names: [], open: async () => memoryBytes(new Uint8Array(500), 'data') };
  await expect(openOnnx(fixture('onnx_external.onnx'), cut)).rejects.toThrow(
    'ends at byte 512 of onnx_external.data, which has 500',
  );
});

test('made-up names are given back only where they are clear', () => {
  const conv = (name: string, ...inputs: string[]) => ({
    opType: 'Conv',
    name,
    inputs: ['x', ...inputs],
    outputs: ['y'],
  });
  const names = new Set(['onnx::Conv_1', 'onnx::Conv_2', 'a.weight', 'b.weight', 'c.kernel']);
  const given = (...nodes: ReturnType<typeof conv>[]) => Object.fromEntries(authorNames(names, nodes));
  expect(given(conv('/m/m.0/c/Conv', 'onnx::Conv_1', 'onnx::Conv_2'))).toEqual({
    'onnx::Conv_1': 'm.0.c.weight',
    'onnx::Conv_2': 'm.0.c.bias',
  });
  expect(given(conv('/a/Conv', 'onnx::Conv_1'))).toEqual({}); // a.weight is there
  expect(given(conv('/d/Conv', 'onnx::Conv_1'), conv('/e/Conv', 'onnx::Conv_1'))).toEqual({
    'onnx::Conv_1': 'd.weight',
  });
  expect(given(conv('/d/Conv', 'onnx::Conv_1'), conv('/d/Conv', 'onnx::Conv_2'))).toEqual({
    'onnx::Conv_1': 'd.weight',
  });
  expect(given(conv('/d/Conv', 'c.kernel'))).toEqual({});
  expect(given(conv('Conv_7', 'onnx::Conv_1'))).toEqual({});
  expect(given({ ...conv('/d/MatMul', 'onnx::Conv_1'), opType: 'MatMul' })).toEqual({});
});

test('shapes and data that do not go together are refused, by name', async () => {
  const open = (initializer: object) => {
    const model = create(ModelProtoSchema, { irVersion: 8n, graph: { initializer: [initializer] } });
    const files = memoryFiles({ d: new Uint8Array(8) });
    return openOnnx(memoryBytes(toBinary(ModelProtoSchema, model), 'a'), files);
  };
  const float = { name: 'w', dataType: DataType.FLOAT, dims: [2n] };
  await expect(open({ ...float, rawData: new Uint8Array(4) })).rejects.toThrow(
    'w: its data takes 4 bytes, its dtype and shape 8',
  );
  await expect(open({ ...float, dims: [-1n] })).rejects.toThrow('w: an extent of its shape is -1');
  await expect(open({ ...float, dims: [1n << 40n, 1n << 40n] })).rejects.toThrow(
    'more elements than any file',
  );
  await expect(open(float)).rejects.toThrow('w: its numbers are missing');
  await expect(open({ ...float, dims: Array(65).fill(1n) })).rejects.toThrow('more than 64 numbers');
  await expect(open({ ...float, rawData: new Uint8Array(8), segment: {} })).rejects.toThrow(
    'w: it is a segment of a tensor',
  );
  const external = (...entries: [string, string][]) => ({
    ...float,
    dataLocation: 1,
    externalData: entries.map(([key, value]) => ({ key, value })),
  });
  await expect(open(external(['location', 'd'], ['length', '4']))).rejects.toThrow(
    'w: its data takes 4 bytes',
  );
  await expect(open(external(['location', './d'], ['offset', '-4']))).rejects.toThrow('place is "-4"');
  await expect(open(external(['location', '/etc/hosts']))).rejects.toThrow('expected the name of a file');
  await expect(open({ ...float, dims: [] as bigint[], name: '' })).rejects.toThrow('its numbers are missing');
  const model = create(ModelProtoSchema, {
    graph: { initializer: [1, 2].map(() => ({ ...float, floatData: [1, 2] })) },
  });
  await expect(openOnnx(memoryBytes(toBinary(ModelProtoSchema, model), 'a'), noFiles)).rejects.toThrow(
    'two initialisers are named w',
  );
  await expect(open({ ...float, floatData: [1] })).rejects.toThrow('w: its data takes 4 bytes');
  await expect(open({ ...float, dataType: DataType.INT32, int32Data: [1] })).rejects.toThrow(
    'w: 1 bytes hold its numbers, expected 2 numbers',
  );
});
