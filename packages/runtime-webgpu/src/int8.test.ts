import { int8Cases, int8Layer, int8Layers } from '@atrous/conformance';
import { goldenImage } from '@atrous/golden';
import { evaluate, type Model } from '@atrous/graph';
import { type Tensors, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { webgpuRuntime } from './runtime_node.ts';
import { openDevice, withoutDawn } from './test_device.ts';

const reason = await withoutDawn();
const runtimes = ([['subgroups'], []] as const).map((features) => {
  let device: Promise<GPUDevice> | undefined;
  return webgpuRuntime({
    device: () => {
      device ??= openDevice(features);
      return device;
    },
  });
});

/** Expects products of given pixels to be those of the reference, bit by bit, with subgroups and without. */
async function expectEqual(
  model: Model,
  feeds: Tensors,
  isSingle: boolean,
  engines = runtimes,
): Promise<void> {
  // Where a picture is more than one pixel, its mean may round otherwise, and what is made of it.
  const expected = Object.entries(await evaluate(model, feeds, { compute: 'int8' })).filter(
    ([name]) => isSingle || (name !== 'mean' && name !== 'dense'),
  );
  for (const runtime of engines) {
    const session = await runtime.load(model, { compute: 'int8' });
    const actual = await session.run(feeds);
    for (const [name, value] of expected) expect(actual[name], name).toEqual(value);
    await session.dispose();
  }
}

describe.skipIf(reason)(reason ?? 'products in 8 bits', () => {
  test('of given pixels equal the reference bit by bit', async () => {
    let at = 0;
    await fc.assert(
      fc.asyncProperty(int8Cases, async ({ batch, height, width, ...one }) => {
        const feeds = { image: goldenImage([batch, height, width, one.inputs]) };
        await expectEqual(int8Layers(one), feeds, height * width === 1, [runtimes[at++ % 2]]);
      }),
      { numRuns: 2 },
    );
  }, 300_000);

  test.each([
    // From −1.5 to 125.5 in steps of 1: the zero is 2, and 127.5 would become 128.
    ['a highest value that would round beyond 127', 'signed', [-0.75, 62.75, 0, 10, 20]],
    // Hard sigmoids of 0, 0.125 and 0.25, beside a gap of 0.5.
    ['channels beside a gap that an activation filled', 'hardsigmoid', [-3, -2.25, -1.5, -2.25, -1.5]],
    // A zero that is odd: ties of the product go to where the sum is even.
    ['ties beside an odd zero', 'signed', [-1.5, 62, 0.25, 1.25, 3.75]],
    ['rows of zeros', 'signed', [0, 0, 0, 0, 0]],
  ] as const)('%s', async (_, before, values) => {
    const model = int8Layers({ inputs: 5, before, layers: [int8Layer(1), int8Layer(3)] });
    const data = Float32Array.from({ length: 60 }, (_, i) => values[(i * 7) % 5]);
    await expectEqual(model, { image: tensor('float32', [1, 3, 4, 5], data) }, false);
  });

  test('longer than a block of words', async () => {
    const layers = [int8Layer(1), { ...int8Layer(3), channels: 40, residual: true, after: 'relu' as const }];
    const feeds = { image: goldenImage([1, 5, 4, 130]) };
    await expectEqual(int8Layers({ inputs: 130, before: 'signed', layers }), feeds, false);
  });

  test('a value that is not finite stays so', async () => {
    const model = int8Layers({ inputs: 5, before: 'signed', layers: [int8Layer(1)] });
    const image = goldenImage([1, 2, 2, 5]);
    image.data[7] = Number.POSITIVE_INFINITY;
    const session = await runtimes[0].load(model, { compute: 'int8' });
    const { y0 } = await session.run({ image });
    expect([...y0.data].map(Number.isNaN)).toEqual(Array.from({ length: 36 }, (_, i) => i >= 9 && i < 18));
    await session.dispose();
  });
});
