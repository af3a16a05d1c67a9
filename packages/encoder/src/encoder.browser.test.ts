import { toSafetensors } from '@atrous/checkpoint';
import { filledModel } from '@atrous/golden';
import type { Tensor } from '@atrous/tensor';
import { findNetwork } from '@atrous/zoo';
import { expect, test } from 'vitest';
import { loadEncoder } from './browser.ts';
import { picture, tiny } from './test_models.ts';

const options = { ...tiny, classes: 3 };

test('a chosen checkpoint classifies, embeds and gives feature maps of what a page has', async () => {
  const { weights } = filledModel((await findNetwork('xception', options)).graph);
  const tensors: Record<string, Tensor> = {};
  for (const name of weights.names) tensors[name] = await weights.read(name);
  const file = new File([(await toSafetensors(tensors)) as Uint8Array<ArrayBuffer>], 'tiny.safetensors');
  const size = { mode: 'fixed', height: 96, width: 96 } as const;
  const encoder = await loadEncoder([file], {
    network: 'xception',
    source: 'atrous',
    options,
    runtime: 'wasm',
    labels: ['cat', 'dog', 'bird'],
    preparation: { size },
  });

  const { width, height, data } = picture(60, 40, [200, 30, 40]);
  const canvas = new OffscreenCanvas(width, height);
  const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : data[(i >> 2) * 3 + (i % 4)],
  );
  canvas.getContext('2d')!.putImageData(new ImageData(rgba, width, height), 0, 0);

  const [fromPixels, fromCanvas] = await encoder.classify([{ width, height, data }, canvas], { top: 3 });
  expect(fromPixels.map(({ name }) => name).toSorted()).toEqual(['bird', 'cat', 'dog']);
  expect(fromPixels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
  fromPixels.forEach(({ id, score }, i) => {
    expect(fromCanvas[i].id).toBe(id);
    expect(fromCanvas[i].score).toBeCloseTo(score, 5);
  });
  expect(await encoder.embed(canvas)).toHaveLength(64);
  expect((await encoder.features(canvas)).map(({ stride }) => stride)).toEqual([2, 4, 8, 16, 32]);
  await encoder.dispose();
});
