import { geometries } from '@atrous/conformance';
import { goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import scriptUrl from '@litertjs/core/wasm/litert_wasm_internal.js?url';
import { beforeAll, expect, test } from 'vitest';
import { toTflite } from './index.ts';

beforeAll(async () => {
  Object.assign(window, { Module: { print: () => {}, printErr: () => {} } });
  await loadLiteRt(new URL(scriptUrl, location.href).href);
});

/** What accelerators are known to do otherwise than the CPU, or not at all. */
const networks = [
  'separable convolution',
  'conv2d: kernel 3×1, stride 2',
  'pool: max, kernel 3, stride 2, padding 1,1,1,1',
  'pool: average, kernel 3, stride 2, padding 1,1,1,1',
  'pool: average, padding counted, kernel 3, padding same',
  'adaptive_average_pool: to 7×5',
  'resize_bilinear: align-corners, larger',
  'activation: hardsigmoid after a convolution',
];

// On a software adapter. LiteRT.js runs a file on the GPU whole or not at all.
test.each(networks)('WebGPU takes the whole of %s, and gives what our kernels give', async (name) => {
  const model = geometries.get(name)!;
  const shape = [1, 9, 12, 3];
  const image = goldenImage(shape);
  const network = await loadAndCompile(await toTflite(model, { shapes: { image: shape } }), {
    accelerator: 'webgpu',
    gpuOptions: { precision: 'fp32' },
  });
  expect(network.isFullyAccelerated).toBe(true);
  const results = await network.run({ image: new Tensor(image.data as Float32Array, shape) });
  const { y } = await evaluate(model, { image });
  const actual = tensor('float32', y.shape, (await results.y.data()) as Float32Array);
  expect(relativeError(actual, y)).toBeLessThan(1e-4);
  network.delete();
});
