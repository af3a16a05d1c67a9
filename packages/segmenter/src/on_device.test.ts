import type { Model } from '@atrous/graph';
import { webgpu } from '@atrous/runtime-webgpu';
import { tensor } from '@atrous/tensor';
import { saveModel } from '@atrous/zoo';
import { afterAll, describe, expect, test } from 'vitest';
import { hostOf } from '../../runtime-webgpu/src/host.ts';
import { openDevice, withoutDawn } from '../../runtime-webgpu/src/test_device.ts';
import { memoryFolder } from '../../zoo/src/test_folder.ts';
import { tinyConfig, tinyModel } from '../../zoo/src/test_model.ts';
import { Segmenter } from './node.ts';
import { testPicture } from './test_pixels.ts';

const reason = await withoutDawn();

async function filesOf(model: Model = tinyModel, config: typeof tinyConfig = tinyConfig) {
  const folder = memoryFolder();
  await saveModel(folder.sink, model, config, ['float32']);
  return folder.files();
}

describe.skipIf(reason)(reason ?? 'on a device', () => {
  const devices: GPUDevice[] = [];
  const device = async () => {
    devices.push(await openDevice());
    return devices[devices.length - 1];
  };
  const load = async (files = filesOf()) =>
    Segmenter.load(await files, { runtimes: [webgpu({ device })], runtime: 'webgpu' });
  afterAll(() => {
    for (const each of devices) each.destroy();
  });
  const picture = testPicture(80, 60);

  test('labels are all that is read back, and those of every runtime', async () => {
    const segmenter = await load();
    const wasm = await Segmenter.load(await filesOf(), { runtime: 'wasm', threads: 1 });
    const { counts, total } = hostOf(devices[devices.length - 1]);
    const expected = await wasm.segment(picture, { confidence: true, logits: true });
    const { labels } = await segmenter.segment(picture);
    expect(counts.readBacks).toBe(1);
    const others = labels.data.filter((label, i) => label !== expected.labels.data[i]);
    expect(others.length / labels.data.length).toBeLessThan(0.002);
    const { count } = total;
    const whole = await segmenter.segment(picture, { confidence: true, logits: true, cutOut: ['cat'] });
    expect(counts.readBacks).toBe(3); // logits are read once, and never uploaded
    expect(total.count).toBe(count);
    whole.logits!.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.logits!.data[i] as number, 4);
    });
    whole.confidence!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.confidence![i], 4);
    });
    expect(whole.cutOut!.data).toHaveLength(80 * 60 * 4);
    const { prepare, run, labels: labelling } = whole.timings;
    expect(Math.min(prepare, run, labelling)).toBeGreaterThan(0);
    await segmenter.dispose();
    await wasm.dispose();
  });

  test('a device that goes away in between is replaced', async () => {
    const segmenter = await load();
    const first = devices[devices.length - 1];
    const before = await segmenter.segment(picture);
    const onProgress = () => first.destroy(); // when the network is done, before there are labels
    const after = await segmenter.segment(picture, { onProgress });
    expect(after.labels).toEqual(before.labels);
    await segmenter.dispose();
  });

  test('logits that are no numbers are no mask', async () => {
    const model: Model = {
      ...tinyModel,
      weights: {
        ...tinyModel.weights,
        async read(name) {
          const weight = await tinyModel.weights.read(name);
          if (!name.endsWith('kernel')) return weight;
          return tensor(
            'float32',
            weight.shape,
            (weight.data as Float32Array).map((value) => value * 1e8),
          );
        },
      },
    };
    const segmenter = await load(filesOf(model));
    await expect(segmenter.segment(picture)).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('NaN or infinity'),
    });
    await segmenter.dispose();
  });

  test('what is padded is cut to the picture, as on every runtime', async () => {
    const config = { ...tinyConfig, preprocess: { ...tinyConfig.preprocess, fit: 'pad' as const } };
    const files = filesOf(tinyModel, config);
    const [segmenter, wasm] = [
      await load(files),
      await Segmenter.load(await files, { runtime: 'wasm', threads: 1 }),
    ];
    const [actual, expected] = [await segmenter.segment(picture), await wasm.segment(picture)];
    const others = actual.labels.data.filter((label, i) => label !== expected.labels.data[i]);
    expect(others.length / actual.labels.data.length).toBeLessThan(0.002);
    await segmenter.dispose();
    await wasm.dispose();
  });
});
