import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { buildGraph, conv2d, evaluate, imageInput, separableConv2d } from '@atrous/graph';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { expect, test } from 'vitest';
import { onnxWasm } from './wasm.ts';

test('a separable convolution on WASM in Chromium equals the reference', async () => {
  const model = filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const stem = conv2d(root.child('stem'), image, { channels: 8, kernel: 3, stride: 2 });
      const epsilon = 1e-3;
      const x = separableConv2d(root.child('conv'), stem, {
        channels: 12,
        rate: 2,
        epsilon,
        norm: 'both',
        between: 'relu',
      });
      return { logits: x };
    }),
  );
  const session = await onnxWasm({ wasm: new URL(wasmUrl, location.href) }).load(model);
  for (const size of [9, 16]) {
    const feeds = { image: goldenImage([1, size, size + 3, 3]) };
    const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
    expect(relativeError(actual.logits, expected.logits)).toBeLessThan(1e-5);
  }
  await session.dispose();
});
