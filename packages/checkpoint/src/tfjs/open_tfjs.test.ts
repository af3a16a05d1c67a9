import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import { noFiles } from '../model_files.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';
import { memoryFiles, numbersOf, openFixture, sameInTensorFlow, watched } from '../test_checkpoints.ts';
import { fixture } from '../test_fixtures.ts';
import { openTfjs } from './open_tfjs.ts';

test.each(['model.json', 'manifest.json'])(
  '%s holds the weights that every framework has written',
  async (name) => {
    const expected = await sameInTensorFlow();
    const found = await readAll(await openFixture(`tfjs/${name}`));
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [weight, tensor] of Object.entries(expected)) expect(found[weight], weight).toEqual(tensor);
  },
);

test('a model that TensorFlow.js saved itself', async () => {
  const expected = await sameInTensorFlow();
  const found = await readAll(await openFixture('tfjs/layers.json'));
  expect(Object.keys(found)).toHaveLength(8);
  for (const [weight, tensor] of Object.entries(found)) {
    const name = weight.replace(
      /(kernel|bias)$/,
      (leaf) => ({ kernel: 'weights', bias: 'biases' })[leaf] ?? leaf,
    );
    expect(tensor, weight).toEqual(expected[name]);
  }
});

test('quantised weights become what they were, within half a step', async () => {
  const expected = await sameInTensorFlow();
  for (const [name, step] of [
    ['float16', 0],
    ['uint8', 2 / 255],
    ['uint16', 2 / 65535],
  ] as const) {
    const checkpoint = await openFixture(`tfjs/${name}.json`);
    for (const [weight, tensor] of Object.entries(expected)) {
      const read = await checkpoint.read(weight);
      expect(read.dtype).toBe(name === 'float16' ? 'float16' : 'float32');
      expect(read.shape).toEqual(tensor.shape);
      const found = numbersOf(read);
      const furthest = Math.max(...numbersOf(tensor).map((value, i) => Math.abs(value - found[i])));
      expect(furthest, `${name} ${weight}`).toBeLessThanOrEqual(step);
      if (step > 0) expect(furthest).toBeGreaterThan(0);
    }
    expect(checkpoint.metadata).toEqual({ format: 'graph-model', generatedBy: 'make_tfjs' });
  }
});

test('weights of every dtype, and after those that cannot be read', async () => {
  const { read } = await openFixture('tfjs/kinds.json');
  const numbers = [0, 1, 2, 3, 100, 120];
  expect(numbersOf(await read('float32'))).toEqual(numbers);
  expect(await read('int32')).toMatchObject({ dtype: 'int32', data: Int32Array.from(numbers) });
  expect(await read('small int32')).toMatchObject({ dtype: 'int32', data: Int32Array.from(numbers) });
  expect(numbersOf(await read('bool'))).toEqual([0, 0, 1, 1, 1, 1]);
  expect(numbersOf(await read('scalar'))).toEqual([0.25]);
  expect((await read('empty')).shape).toEqual([0, 3]);
  for (const [name, dtype] of [
    ['text', 'string'],
    ['complex', 'complex64'],
  ])
    await expect(read(name)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`${name} is of the dtype ${dtype}`),
    });
});

test('a weight is read by itself', async () => {
  const { bytes, fetched } = watched(fixture('tfjs/manifest.bin'));
  const files = { ...noFiles, open: async () => bytes };
  const checkpoint = await openTfjs(fixture('tfjs/manifest.json'), files);
  expect(fetched()).toBe(0);
  await checkpoint.read('norm/gamma');
  expect(fetched()).toBe(16);
});

test('files that are missing, others than those of the model, and paths elsewhere are refused', async () => {
  await expect(openCheckpoint(fixture('tfjs/model.json'))).rejects.toThrow(
    'its file group1-shard1of3.bin is missing: put it beside model.json',
  );
  const short = memoryFiles({ 'manifest.bin': new Uint8Array(611) });
  await expect(openTfjs(fixture('tfjs/manifest.json'), short)).rejects.toThrow(
    'head/biases: its data ends at byte 612, manifest.bin has 611',
  );
  const long = memoryFiles({ 'manifest.bin': new Uint8Array(613) });
  await expect(openTfjs(fixture('tfjs/manifest.json'), long)).rejects.toThrow('files of another model?');
  const open = (manifest: unknown) =>
    openTfjs(memoryBytes(new TextEncoder().encode(JSON.stringify(manifest)), 'a'), long);
  await expect(open([{ paths: ['../manifest.bin'], weights: [] }])).rejects.toThrow(
    'weights lie in "../manifest.bin", expected the name of a file beside model.json',
  );
  await expect(open({ modelTopology: {} })).rejects.toThrow('save the model with its weights');
  const weight = { name: 'w', shape: [613], dtype: 'float32' };
  const group = (changed: object) => [{ paths: ['manifest.bin'], weights: [{ ...weight, ...changed }] }];
  await expect(open(group({ dtype: 'float8' }))).rejects.toThrow('w: its dtype is float8, expected float32');
  await expect(open(group({ shape: [-1] }))).rejects.toThrow('w: shape [-1] is no list of whole numbers');
  await expect(open(group({ shape: Array(65).fill(1) }))).rejects.toThrow(
    'is no list of up to 64 whole numbers',
  );
  await expect(open(group({ quantization: { dtype: 'uint8', scale: 1 } }))).rejects.toThrow(
    'w: its quantization is "uint8" with scale 1 and min undefined',
  );
  await expect(open([{ paths: [], weights: [1, 2].map(() => ({ ...weight, shape: [0] })) }])).rejects.toThrow(
    'two weights are named w',
  );
  await expect(open(group({ dtype: 'string', shape: [200] }))).rejects.toThrow(
    'w: its texts end after 153 of 200',
  );
  const whole = await open(group({ quantization: { dtype: 'uint8', scale: 0.5, min: -1 } }));
  expect(numbersOf(await whole.read('w')).slice(0, 2)).toEqual([-1, -1]);
});
