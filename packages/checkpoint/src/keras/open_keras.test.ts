import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { sharedFolder } from '../../../golden/src/node.ts';
import { memoryBytes } from '../bytes.ts';
import { openCheckpoint } from '../open.ts';
import { readAll } from '../safetensors.ts';
import { numbersOf, openFixture, sameWeights } from '../test_checkpoints.ts';
import { writeZip } from '../zip/test_zip.ts';

const read = async (name: string) => {
  const checkpoint = await openFixture(name);
  return { names: checkpoint.names, tensors: await readAll(checkpoint) };
};

describe.each([
  ['keras_same', ['.h5', '_only.h5', '.weights.h5', '.keras']],
  ['keras_layers', ['.h5', '_only.h5', '.weights.h5', '.keras', '_old.keras']],
])('%s', (name, endings) => {
  test.each(endings)('%s has the weights that Keras had, in the order of the layers', async (ending) => {
    const expected = await openFixture(`${name}.safetensors`);
    const { names, tensors } = await read(`${name}${ending}`);
    expect(names).toEqual(expected.metadata.order.split(' '));
    expect(tensors).toEqual(await readAll(expected));
  });
});

test('the weights that every framework writes are the same, in the axes of Keras', async () => {
  const { tensors } = await read('keras_same.keras');
  const torch = await sameWeights();
  const [outputs, inputs, height, width] = torch['conv.weight'].shape;
  expect(tensors['conv/kernel'].shape).toEqual([height, width, inputs, outputs]);
  for (let i = 0; i < torch['conv.weight'].data.length; i++) {
    const [output, input, pixel] = [
      i % outputs,
      Math.floor(i / outputs) % inputs,
      Math.floor(i / outputs / inputs),
    ];
    const at = (output * inputs + input) * height * width + pixel;
    expect(tensors['conv/kernel'].data[i]).toBe(torch['conv.weight'].data[at]);
  }
  expect(tensors['norm/moving_variance'].data).toEqual(torch['norm.running_var'].data);
});

test('where neither file nor archive has the names of layers, their classes and counters are the names', async () => {
  const { names, tensors } = await read('keras_layers_old.weights.h5');
  const sound = await read('keras_layers.keras');
  expect(names.map((name) => tensors[name])).toEqual(sound.names.map((name) => sound.tensors[name]));
  expect(names).toContain('conv2d_10/bias');
  expect(names).toContain('separable_conv2d/pointwise_kernel');
  expect(names).toContain('batch_normalization/beta'); // with scale=False: three weights
  expect(names).not.toContain('batch_normalization/gamma');
  expect(names).toContain('sequential/batch_normalization/gamma'); // of a model in the model
  expect(names).toContain('layer/kernel'); // of a class that is not known, by its axes
});

test('versions and the model are said where the file says them', async () => {
  const model = { model_class: 'Functional', model_name: 'tiny' };
  const versions = { keras_version: '3.15.1', backend: 'tensorflow' };
  expect((await openFixture('keras_same.h5')).metadata).toEqual({ ...versions, ...model });
  expect((await openFixture('keras_same_only.h5')).metadata).toEqual(versions);
  expect((await openFixture('keras_same.keras')).metadata).toEqual({ keras_version: '3.15.1', ...model });
  expect((await openFixture('keras_same.weights.h5')).metadata).toEqual({});
});

test('what Keras 1 and 2 called weights is what Keras 3 calls them', async () => {
  const { names, tensors } = await read('keras1_names.h5');
  expect(names).toEqual([
    ...['kernel', 'bias'].map((leaf) => `conv1/${leaf}`), // of the list's first part; conv1_W_1:0 in the file
    ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((leaf) => `norm1/${leaf}`),
    'sep/depthwise_kernel',
    'sep/pointwise_kernel',
    'depthwise/kernel', // as of any other convolution
    'a/kernel',
    'b/kernel',
    'nested/conv1/kernel', // the model has a conv1 as well
  ]);
  expect(numbersOf(tensors['norm1/moving_variance'])).toEqual([3, 3]);
});

test('an archive without weights in HDF5 is refused, and its files are named', async () => {
  const files = { 'config.json': new Uint8Array(2), 'model.weights.npz': new Uint8Array(2) };
  await expect(openCheckpoint(memoryBytes(writeZip(files), 'a.keras'))).rejects.toThrow(
    'a.keras: a Keras archive without model.weights.h5: it holds config.json, model.weights.npz; save it with',
  );
});

test('a configuration that is not to be understood costs nothing but the names', async () => {
  const files = {
    'config.json': new TextEncoder().encode('{"class_name": "Functional", "config": NaN}'),
    'model.weights.h5': await readFile(new URL('../../fixtures/keras_layers.weights.h5', import.meta.url)),
  };
  const { names } = await openCheckpoint(memoryBytes(writeZip(files), 'a.keras'));
  expect(names).toEqual((await openFixture('keras_layers.weights.h5')).names);
});

test('an HDF5 file of another program is refused, and its groups are named', async () => {
  await expect(openFixture('hdf5_other.h5')).rejects.toThrow(
    'hdf5_other.h5: an HDF5 file that is not of Keras: it holds calibration, entry, expected',
  );
});

const golden = `${sharedFolder}golden/keras-files/fer2013_mini_XCEPTION.102-0.66.hdf5`;
test.skipIf(!sharedFolder)(
  'a mini-Xception of Keras 2.0.5 has the layers that its authors list',
  async () => {
    const listed = JSON.parse(await readFile(`${golden}.json`, 'utf8'));
    const checkpoint = await openCheckpoint(memoryBytes(await readFile(golden), 'mini'));
    const leaves = (kind: string, { use_bias }: { use_bias?: boolean }): string[] => {
      const bias = use_bias ? ['bias'] : [];
      if (kind === 'Conv2D') return ['kernel', ...bias];
      if (kind === 'SeparableConv2D') return ['depthwise_kernel', 'pointwise_kernel', ...bias];
      return kind === 'BatchNormalization' ? ['gamma', 'beta', 'moving_mean', 'moving_variance'] : [];
    };
    const expected = listed.layers.flatMap(([kind, name, settings]: [string, string, object]) =>
      leaves(kind, settings).map((leaf) => `${name}/${leaf}`),
    );
    expect(checkpoint.names).toEqual(expected);
    expect(checkpoint.spec('separable_conv2d_8/pointwise_kernel').shape).toEqual([1, 1, 128, 128]);
    const tensors = Object.values(await readAll(checkpoint));
    expect(tensors.reduce((sum, { data }) => sum + data.length, 0)).toBe(listed.params);
    expect(checkpoint.storedBytes).toBe(listed.params * 4);
    expect(checkpoint.metadata).toMatchObject({ keras_version: '2.0.5', model_class: 'Model' });
  },
);
