import { onnx } from '@atrous/runtime-onnx';
import { prepare } from '@atrous/segmenter';
import type { LoadedModel } from '@atrous/zoo';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Encoder, encoderOf, type Preparation } from './node.ts';
import { filled, picture, tiny } from './test_models.ts';

const small = { mode: 'fixed', height: 96, width: 96 } as const;
const wasm = { runtime: 'wasm', threads: 1 } as const;
const options = { ...wasm, preparation: { size: small } } as const;
const red = picture(60, 40, [200, 30, 40]);
const blue = picture(50, 70, [20, 30, 220]);
const green = picture(33, 33, [20, 230, 20]);

let classifier: LoadedModel;
let encoder: Encoder;
beforeAll(async () => {
  classifier = await filled('xception', { ...tiny, classes: 1000 });
  encoder = await encoderOf(classifier, options);
});

describe('classify', () => {
  test('gives the likeliest classes with their ImageNet names and probabilities', async () => {
    const all = await encoder.classify(red, { top: 1000 });
    expect(all.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
    const { logits } = await encoder.answers(red);
    expect(all[0].id).toBe(logits.indexOf(Math.max(...logits)));
    expect(all.find(({ id }) => id === 340)?.name).toBe('zebra');
    expect(await encoder.classify(red)).toEqual(all.slice(0, 5));
    expect(encoder.classes[1]).toEqual({ id: 1, name: 'goldfish' });
  });
  test('names 1001 classes with the background first, others by their ids or as told', async () => {
    const names = async (classes: number, labels?: string[]) => {
      const one = await encoderOf(await filled('xception', { ...tiny, classes }), { ...options, labels });
      await one.dispose();
      return one.classes.map(({ name }) => name);
    };
    expect((await names(1001)).slice(0, 2)).toEqual(['background', 'tench']);
    expect(await names(3)).toEqual(['0', '1', '2']);
    expect(await names(2, ['cat', 'dog'])).toEqual(['cat', 'dog']);
    await expect(names(2, ['cat'])).rejects.toThrow('labels: expected a name for each of 2 classes, got 1');
  });
  test('is refused where a network has no classes, with what to do instead', async () => {
    const segmenter = await encoderOf(await filled('deeplabv3plus-xception41', tiny), options);
    await expect(segmenter.classify(red)).rejects.toThrow('labels pixels, it does not classify pictures');
    const bare = await encoderOf(await filled('xception', { ...tiny, classes: 0 }), options);
    await expect(bare.classify(red)).rejects.toThrow('its checkpoint has no classifier: embed');
    await expect(bare.answers(red)).rejects.toThrow('its checkpoint has no classifier');
    await Promise.all([segmenter.dispose(), bare.dispose()]);
  });
});

test('several answers come by their names', async () => {
  const faces = await encoderOf(await filled('tiny-xception-faces'), wasm);
  expect([faces.classes, faces.answerNames]).toEqual([[], ['age', 'gender']]);
  const { age, gender } = await faces.answers(red);
  expect([age.length, gender.length]).toEqual([1, 2]);
  await expect(faces.classify(red)).rejects.toThrow('it answers age, gender: ask for answers');
  expect(await faces.embed(red)).toHaveLength(512);
  await faces.dispose();
});

describe('embed', () => {
  test('is what the last layer of a classifier sees', async () => {
    const embedding = await encoder.embed(red);
    const { logits } = await encoder.answers(red);
    const kernel = await classifier.weights.read('head/kernel');
    const bias = await classifier.weights.read('head/bias');
    const logit = embedding.reduce((sum, value, i) => sum + value * kernel.data[i * 1000 + 7], bias.data[7]);
    expect(logit).toBeCloseTo(logits[7], 4);
  });
  test.each([
    ['an encoder alone', 'xception-block13', { ...tiny, classes: 0 }],
    ["a DeepLab's encoder", 'deeplabv3plus-xception41', tiny],
    ["a VGG's in a DeepLab", 'deeplabv3-vgg16', { encoder: { widthMultiplier: 1 / 16, channelDivisor: 2 } }],
  ] as const)('of %s is the mean of the deepest features', async (_, network, how) => {
    const one = await encoderOf(await filled(network, how), options);
    const [embedding, levels] = [await one.embed(red), await one.features(red)];
    const { name, tensor } = levels.at(-1)!;
    const channels = tensor.shape.at(-1)!;
    const means = Array.from({ length: channels }, (_, c) => {
      const values = (tensor.data as Float32Array).filter((_, i) => i % channels === c);
      return values.reduce((a, b) => a + b, 0) / values.length;
    });
    expect(name).toBe('features');
    expect(embedding).toHaveLength(channels);
    means.forEach((mean, i) => {
      expect(embedding[i]).toBeCloseTo(mean, 4);
    });
    await one.dispose();
  });
});

describe('features', () => {
  test('are a pyramid by stride, finest first', async () => {
    const levels = await encoder.features(red);
    expect(levels.map(({ stride, tensor }) => [stride, tensor.shape[1]])).toEqual([
      [2, 45],
      [4, 23],
      [8, 12],
      [16, 6],
      [32, 3],
    ]);
    expect(levels.at(-1)).toMatchObject({ name: 'features', activated: true });
    expect(levels[1].activated).toBe(false);
  });
  test('can be asked for by name, and again for others', async () => {
    const [level] = await encoder.features(red, { names: ['entry_flow/block2/conv2'] });
    expect(level).toMatchObject({ name: 'entry_flow/block2/conv2', stride: 4 });
    expect(level).toEqual((await encoder.features(red))[1]);
    const besides = encoder.taps.at(-2)!.name; // of the same stride as the deepest, so not in the pyramid
    const [other] = await encoder.features(red, { names: [besides] });
    expect([other.name, other.stride, other.tensor.shape[1]]).toEqual([besides, 32, 3]);
    await expect(encoder.features(red, { names: ['block9'] })).rejects.toThrow(
      /feature map "block9".*features/s,
    );
  });
});

describe('lists', () => {
  test('give each picture the numbers that it has alone, whatever the batch', async () => {
    const pictures = [red, blue, green, red];
    const alone = await Promise.all(pictures.map((one) => encoder.embed(one)));
    for (const batch of [1, 3, 8]) {
      const batched = await encoderOf(classifier, { ...options, batch });
      const steps: number[] = [];
      const embeddings = await batched.embed(pictures, { onPicture: (done) => steps.push(done) });
      embeddings.forEach((embedding, i) => {
        for (const [c, value] of embedding.entries()) expect(value).toBeCloseTo(alone[i][c], 5);
      });
      expect(steps).toEqual([1, 2, 3, 4]);
      expect((await batched.classify(pictures, { top: 1 })).map(([{ id }]) => id)).toHaveLength(4);
      await batched.dispose();
    }
    expect(await encoder.embed([])).toEqual([]);
  });
  test('of pictures of several sizes keep their order', async () => {
    const size = { mode: 'longest-side', pixels: 96, multipleOf: 32 } as const;
    const free = await encoderOf(classifier, { ...wasm, preparation: { size } });
    const shapes = (await free.features([red, blue, red, green])).map(
      (levels) => levels.at(-1)!.tensor.shape,
    );
    expect(shapes.map(([n, height, width]) => [n, height, width])).toEqual([
      [1, 2, 3],
      [1, 3, 2],
      [1, 2, 3],
      [1, 3, 3],
    ]);
    await free.dispose();
  });
});

describe('pictures are prepared', () => {
  const preparationOf = async (network: string, how = {}, preparation: Partial<Preparation> = {}) => {
    const one = await encoderOf(await filled(network, how), { ...wasm, preparation });
    await one.dispose();
    return one.preparation;
  };
  test("at the variant's size: the middle for ImageNet and encoders alone, the whole for others", async () => {
    const [imagenet, alone, own] = await Promise.all(
      [1000, 0, 7].map((classes) => preparationOf('xception', { ...tiny, classes })),
    );
    expect(imagenet).toMatchObject({ size: { height: 299, width: 299 }, fit: { crop: 0.875 } });
    expect([alone.fit, own.fit]).toEqual([{ crop: 0.875 }, 'stretch']);
    const deeplab = await preparationOf('deeplabv3plus-xception41', tiny);
    expect([deeplab.size.mode, deeplab.fit]).toEqual(['longest-side', 'stretch']);
    const size = { mode: 'original', multipleOf: 32 } as const;
    expect((await preparationOf('xception', { ...tiny, classes: 0 }, { size })).fit).toBe('stretch');
  });
  test("with the config's word above the source's", async () => {
    const preprocess = { ...encoder.preparation, size: small, fit: 'stretch', mean: [1, 2, 3] } as const;
    const config = { labels: [], preprocess } as unknown as LoadedModel['config'];
    const one = await encoderOf({ ...classifier, config }, wasm);
    expect(one.preparation).toEqual(preprocess);
    await one.dispose();
  });
  test('in grey for networks of one channel', async () => {
    const grey: Partial<Preparation> = { channels: 'grey', mean: [127.5], std: [127.5] };
    const emotions = await encoderOf(await filled('mini-xception', { classes: 7 }), {
      ...wasm,
      preparation: grey,
    });
    expect(prepare(red, emotions.preparation).shape).toEqual([1, 64, 64, 1]);
    expect(await emotions.classify(red)).toHaveLength(5);
    await emotions.dispose();
  });
});

test('runtimes of others are given, or the error says how', async () => {
  const given = { ...options, runtimes: [onnx()], runtime: 'onnx:wasm' };
  const other = await encoderOf(classifier, given);
  const [embedding, expected] = [await other.embed(red), await encoder.embed(red)];
  await other.dispose();
  expect(other.runtime).toBe('onnx:wasm');
  const most = Math.max(...expected.map(Math.abs));
  expect(Math.max(...embedding.map((value, i) => Math.abs(value - expected[i]))) / most).toBeLessThan(1e-4);
  const missing = encoderOf(classifier, { ...given, runtimes: undefined });
  await expect(missing).rejects.toThrow('npm install @atrous/runtime-onnx');
});

describe('errors and endings', () => {
  test('wrong arguments say what is expected', async () => {
    await expect(encoder.classify(red, { top: 0 })).rejects.toThrow(
      'top: expected a whole number of at least 1',
    );
    await expect(encoder.embed({} as never)).rejects.toMatchObject({ code: 'input' });
    await expect(encoderOf(classifier, { batch: 0.5 })).rejects.toThrow('batch: expected a whole number');
    await expect(encoderOf(classifier, { runtime: 'gpu' })).rejects.toThrow('runtime "gpu"');
  });
  test('an abort rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(encoder.embed(red, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
  test('after dispose every call says so; a second dispose does nothing', async () => {
    const one = await encoderOf(classifier, options);
    await one.features(red);
    await Promise.all([one.dispose(), one.dispose()]);
    const calls = [one.classify(red), one.embed(red), one.answers(red), one.features(red)];
    for (const call of await Promise.allSettled(calls))
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'disposed' } });
  });
});
