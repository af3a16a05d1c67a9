import { openSafetensors } from '@atrous/checkpoint';
import { goldenImage } from '@atrous/golden';
import { evaluate, type Model } from '@atrous/graph';
import { type AtrousError, floatsOf, tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { loadModelFiles } from './load_files.ts';
import { saveModel } from './save.ts';
import { memoryFolder } from './test_folder.ts';
import { tinyConfig, tinyModel } from './test_model.ts';

const variance = 'decoder/conv1/pointwise/batch_norm/variance';

/** The tiny model with a variance that half precision cannot hold. */
const wide: Model = {
  ...tinyModel,
  weights: {
    ...tinyModel.weights,
    read: async (name) =>
      name === variance
        ? tensor('float32', tinyModel.weights.spec(name).shape, new Float32Array(4).fill(1e6))
        : tinyModel.weights.read(name),
  },
};

test('what half precision cannot hold stays float32, and is said', async () => {
  const folder = memoryFolder();
  const warnings: AtrousError[] = [];
  await saveModel(folder.sink, wide, tinyConfig, ['float32', 'float16'], {
    onWarning: (warning) => warnings.push(warning),
  });
  expect(warnings.map(({ message }) => message)).toEqual([
    `model.fp16.safetensors: beyond half precision, kept in float32: ${variance}`,
  ]);
  const file = await openSafetensors(await folder.files().open('model.fp16.safetensors'));
  expect([file.fileDType(variance), file.fileDType('classifier/bias')]).toEqual(['F32', 'F16']);
  expect([...(await file.read(variance)).data]).toEqual([1e6, 1e6, 1e6, 1e6]);
});

test('a file that mixes the two is loaded', async () => {
  const folder = memoryFolder();
  await saveModel(folder.sink, wide, tinyConfig);
  const feeds = { image: goldenImage([1, 33, 33, 3]) };
  const [half, whole] = await Promise.all(
    (['float16', 'float32'] as const).map(async (precision) =>
      evaluate(await loadModelFiles(folder.files(), { precision }), feeds),
    ),
  );
  const [a, b] = [floatsOf(half.logits), floatsOf(whole.logits)];
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i], 2);
  });
});

test('nothing is said where all of it fits', async () => {
  const folder = memoryFolder();
  await saveModel(folder.sink, tinyModel, tinyConfig, ['float16'], {
    onWarning: (warning) => expect.unreachable(warning.message),
  });
});
