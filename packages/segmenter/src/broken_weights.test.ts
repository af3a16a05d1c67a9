import type { Model } from '@atrous/graph';
import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { AtrousError, type Tensor } from '@atrous/tensor';
import { saveModel } from '@atrous/zoo';
import { describe, expect, test } from 'vitest';
import { memoryFolder } from '../../zoo/src/test_folder.ts';
import { tinyConfig, tinyModel } from '../../zoo/src/test_model.ts';
import { Segmenter } from './node.ts';
import { testPicture } from './test_pixels.ts';

const runtimes = [onnx(), tfjs()];

/** The tiny model as files, with the numbers of some weights replaced. */
async function filesWith(change: (name: string, data: Tensor['data']) => void) {
  const model: Model = {
    ...tinyModel,
    weights: {
      ...tinyModel.weights,
      async read(name) {
        const weight = await tinyModel.weights.read(name);
        change(name, weight.data);
        return weight;
      },
    },
  };
  const folder = memoryFolder();
  await saveModel(folder.sink, model, tinyConfig, ['float32']);
  return folder.files();
}

const inOne = (broken: string, value: number) =>
  filesWith((name, data) => {
    if (name === broken) data[1] = value;
  });

const loaded = async (files: Awaited<ReturnType<typeof filesWith>>, runtime: string) => {
  const segmenter = await Segmenter.load(files, { runtimes, runtime, threads: 1, precision: 'float32' });
  try {
    return await segmenter.segment(testPicture(40, 30));
  } finally {
    await segmenter.dispose();
  }
};

describe.each(['reference', 'wasm', 'onnx:wasm', 'onnx:native', 'tfjs:wasm'])('no mask on %s', (runtime) => {
  test('unless the weights are sound', async () => {
    const { labels } = await loaded(await filesWith(() => {}), runtime);
    expect(labels.data).toHaveLength(1200);
  });

  test.each([
    ['NaN', 'encoder/entry_flow/conv1/kernel', Number.NaN],
    ['infinity', 'decoder/conv1/pointwise/batch_norm/beta', Number.POSITIVE_INFINITY],
    ['a bit that flipped in an exponent', 'classifier/bias', -3e38],
    ['a variance below zero', 'aspp/conv/batch_norm/variance', -0.5],
  ])('of %s in %s', async (_what, name, value) => {
    await expect(loaded(await inOne(name, value), runtime)).rejects.toMatchObject({
      name: 'AtrousError',
      code: 'weights',
      message: expect.stringContaining(`weight "${name}": element 1 is`),
    });
  });

  test('of finite weights whose network overflows', async () => {
    // in its first layers: the later ones would make sound numbers of what a clamp made of NaN
    const files = await filesWith((name, data) => {
      if (!name.startsWith('encoder/entry_flow/')) return;
      if (name.endsWith('/gamma')) data.fill(1e6);
      if (name.endsWith('/variance')) data.fill(0);
    });
    const error = await loaded(files, runtime).catch((reason) => reason);
    expect(error).toBeInstanceOf(AtrousError);
    expect(error.message).toMatch(/NaN or infinity/);
  });
});
