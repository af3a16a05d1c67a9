import { randomGraph } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { buildGraph, conv2d, evaluate, imageInput, separableConv2d } from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { wasm } from './browser.ts';

describe.each([1, 2])('the engine in a browser, %d thread(s)', (threads) => {
  test('equals the reference', async () => {
    for (const seed of [1, 2, 3, 5, 8, 13]) {
      const model = filledModel(randomGraph(seed));
      const session = await wasm({ threads }).load(model);
      expect(session.threads).toBe(threads);
      const feeds = { image: goldenImage([2, 13, 18, model.graph.inputs.image.shape[3]!]) };
      const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
      expect(relativeError(actual.logits, expected.logits)).toBeLessThan(1e-5);
      await session.dispose();
    }
  });

  test('stops when it is told to, runs again, and makes label maps', async () => {
    const model = filledModel(
      buildGraph(imageInput(), (root, { image }) => {
        let x = conv2d(root.child('stem'), image, { channels: 96 });
        for (let i = 0; i < 12; i++) {
          const options = { channels: 96, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
          x = separableConv2d(root.child(`conv${i}`), x, options);
        }
        return { logits: x };
      }),
    );
    const session = await wasm({ threads }).load(model);
    const stop = new AbortController();
    const running = session.run({ image: tensor('float32', [1, 500, 500, 3]) }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 60);
    await expect(running).rejects.toThrow('enough');
    const { logits } = await session.run({ image: goldenImage([1, 7, 9, 3]) });
    const options = { height: 50, width: 70, resize: 'half-pixel' } as const;
    expect((await session.labelMap(logits, options)).labels).toEqual(labelMap(logits, options).labels);
    await session.dispose();
  });
});
