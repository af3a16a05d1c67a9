import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import {
  buildGraph,
  conv2d,
  evaluate,
  imageInput,
  maxPool,
  resizeLike,
  separableConv2d,
} from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { onnxNative } from './native.ts';
import { onnxWasm } from './wasm_node.ts';

describe.each([onnxNative(), onnxWasm({ threads: 1 })])('$name', (runtime) => {
  test('agrees with the reference at ten sizes in one session', async () => {
    const model = filledModel(
      buildGraph(imageInput(), (root, { image }) => {
        const stem = conv2d(root.child('stem'), image, {
          channels: 8,
          kernel: 3,
          stride: 2,
          padding: 'same',
        });
        const epsilon = 1e-3;
        const x = separableConv2d(root.child('conv'), stem, {
          channels: 12,
          rate: 2,
          epsilon,
          norm: 'both',
          between: 'elu',
        });
        const pooled = maxPool(root.child('down'), x, { kernel: 3, stride: 2, padding: 'same' });
        return { logits: resizeLike(root.child('up'), pooled, stem, 'align-corners') };
      }),
    );
    const session = await runtime.load(model);
    for (let size = 1; size <= 10; size++) {
      const feeds = { image: goldenImage([1, size, size + 5, 3]) };
      const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
      expect(relativeError(actual.logits, expected.logits)).toBeLessThan(1e-5);
    }
    await session.dispose();
  });
});
