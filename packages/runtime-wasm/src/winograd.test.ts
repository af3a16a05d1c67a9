import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { activation, add, buildGraph, conv2d, evaluate, imageInput, type Padding } from '@atrous/graph';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builds } from './modules.ts';
import { wasm } from './node.ts';
import { winogradKernel } from './winograd.ts';

/** A pointwise layer, so that there are channels enough; then the one that is looked at, with a shortcut around it or none. */
const modelOf = (
  inputs: number,
  outputs: number,
  padding: Padding,
  hasShortcut: boolean,
  stride = 1,
  kernel = 3,
) =>
  filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const wide = conv2d(root.child('wide'), image, { channels: inputs, bias: true });
      const y = conv2d(root.child('y'), wide, { channels: outputs, kernel, stride, padding, bias: true });
      return { y: activation(root, hasShortcut ? add(root, y, wide) : y, 'relu') };
    }),
  );

test.each(builds)(
  '%s: by tiles it is the sum over patches, whatever size, padding, batch and threads',
  async (build) => {
    const sizes = fc.record({
      height: fc.integer({ min: 3, max: 12 }),
      width: fc.integer({ min: 3, max: 21 }),
      batch: fc.constantFrom(1, 2),
      inputs: fc.constantFrom(16, 20, 40),
      outputs: fc.constantFrom(16, 24, 33),
      padding: fc.constantFrom('same', [0, 0, 0, 0], [2, 0, 1, 3]) as fc.Arbitrary<Padding>,
      threads: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ height, width, batch, inputs, outputs, padding, threads }) => {
        const isShortcut = padding === 'same';
        const model = modelOf(inputs, isShortcut ? inputs : outputs, padding, isShortcut);
        const feeds = { image: goldenImage([batch, height, width, 3]) };
        const session = await wasm({ build, threads }).load(model);
        expect(session.plan({ image: feeds.image.shape })).toMatch(
          /y {2}16 \d+×\d+ products of tiles .*Winograd/,
        );
        const { y } = await session.run(feeds);
        expect(relativeError(y, (await evaluate(model, feeds)).y)).toBeLessThan(2e-6);
        await session.dispose();
      }),
      { numRuns: 8 },
    );
  },
);

test('any number of threads gives the same bits', async () => {
  const model = modelOf(24, 32, 'same', false);
  const feeds = { image: goldenImage([1, 31, 33, 3]) };
  const answers: Float32Array[] = [];
  for (const threads of [1, 2, 3]) {
    const session = await wasm({ threads }).load(model);
    answers.push((await session.run(feeds)).y.data as Float32Array);
    await session.dispose();
  }
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
});

test('few channels, strides and the largest kernels are summed over patches', async () => {
  for (const [inputs, outputs, stride] of [
    [8, 64, 1],
    [16, 16, 2],
    [512, 256, 1],
  ]) {
    const session = await wasm({ threads: 1 }).load(modelOf(inputs, outputs, 'same', false, stride));
    const plan = session.plan({ image: [1, 9, 9, 3] });
    expect(plan).toMatch(/y {2}patches/);
    expect(plan).not.toContain('Winograd');
    await session.dispose();
  }
});

test('a pointwise convolution with a stride reads pixels where they lie', async () => {
  const model = modelOf(16, 24, [0, 0, 0, 0], false, 2, 1);
  for (const shape of [
    [1, 9, 12, 3],
    [2, 8, 7, 3],
  ]) {
    const feeds = { image: goldenImage(shape) };
    for (const threads of [1, 2]) {
      const session = await wasm({ threads }).load(model);
      expect(session.plan({ image: shape })).not.toContain('patches');
      const { y } = await session.run(feeds);
      expect(relativeError(y, (await evaluate(model, feeds)).y)).toBeLessThan(1e-6);
      await session.dispose();
    }
  }
});

test('the kernel of one tap is the outer product of two columns of G', () => {
  const kernel = new Float32Array(9);
  kernel[1] = 1; // the first row's second tap
  const out = winogradKernel(kernel, 1, 1);
  expect([...out]).toEqual(
    [1, 0.5, 0.5, 0].flatMap((down) => [0, 0.5, -0.5, 0].map((across) => down * across + 0)),
  );
});
