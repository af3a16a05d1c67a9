import { filledModel, goldenImage } from '@atrous/golden';
import { activation, add, buildGraph, conv2d, imageInput } from '@atrous/graph';
import type { Tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { fastestForm, forms } from './forms.ts';
import type { Kernels } from './kernels.ts';
import { builds } from './modules.ts';
import { wasm } from './node.ts';

/** Kernels whose products take so long, and a clock that they move. */
function clockwork(times: readonly number[]) {
  let time = 0;
  let calls = 0;
  const product = (form: number) => {
    // The first calls are slow, those of one form for longer: the browser has not compiled it well yet.
    const slow = calls++ < (form ? 300 : 600) ? 20 : 1;
    time += (times[form] * slow) / 1000;
  };
  const kernels = {
    matmul: (...parameters: number[]) => product(parameters[12]),
    matmulInt8: (...parameters: number[]) => product(parameters[12]),
  } as unknown as Kernels;
  return [kernels, () => time] as const;
}

test.each([
  ['narrow', 'relaxed', 'float32', [2, 5]],
  ['wide', 'relaxed', 'float32', [5, 2]],
  ['narrow', 'simd', 'float32', [3, 2.9]],
  ['fused', 'relaxed', 'int8', [5, 2, 4]],
  ['pairs', 'relaxed', 'int8', [2, 5, 4]],
  ['wide', 'relaxed', 'int8', [5, 4, 2]],
  ['pairs', 'relaxed', 'int8', [3, 2.9, 2.95]],
  ['wide', 'simd', 'int8', [5, 1, 2]], // which has no `fused`
] as const)('%s is taken by %s in %s where calls take %j', (form, build, precision, times) => {
  const [kernels, now] = clockwork(times);
  expect(fastestForm(kernels, build, precision, now)).toBe(form);
});

/** Products of every number of panels and rows that tiles end in, with all that may follow. */
const model = filledModel(
  buildGraph(imageInput(13), (root, { image }) => {
    const pixels = conv2d(root.child('first'), image, { channels: 24 });
    const outputs = [1, 8, 16, 20, 40].map((channels) => {
      const scope = root.child(`to${channels}`);
      const x = conv2d(scope, pixels, { channels, kernel: 3, bias: true });
      const other = conv2d(scope.child('other'), pixels, { channels });
      const sum = add(scope, conv2d(scope.child('again'), x, { channels }), other);
      return [`y${channels}`, activation(scope, sum, channels < 20 ? 'relu' : 'hardswish')] as const;
    });
    return Object.fromEntries(outputs);
  }),
);
test.each(builds)('all forms of %s give the same bits, on any number of threads', async (build) => {
  const feeds = [
    [1, 1],
    [3, 2],
    [7, 11],
  ].map(([height, width]) => ({
    image: goldenImage([1, height, width, 13]),
  }));
  for (const [compute, options] of [
    ['float32', [...forms.float32.map((float32Form) => ({ float32Form })), { threads: 3 }]],
    ['int8', [...forms.int8.map((int8Form) => ({ int8Form })), { threads: 3 }]],
  ] as const) {
    const answers: Record<string, Tensor>[][] = [];
    for (const option of options) {
      const session = await wasm({ build, threads: 1, ...option }).load(model, { compute });
      answers.push(await Promise.all(feeds.map((feed) => session.run(feed))));
      await session.dispose();
    }
    for (const answer of answers) expect(answer, compute).toEqual(answers[0]);
  }
});

test('the plan says which forms were taken, and that they can be forced', async () => {
  const shapes = { image: [1, 9, 9, 13] };
  for (const float32Form of forms.float32) {
    const session = await wasm({ threads: 1, float32Form }).load(model);
    expect(session.plan(shapes)).toContain(`products in float32 in the ${float32Form} form`);
    expect(session.plan(shapes)).not.toContain('8 bits');
    await session.dispose();
  }
  for (const int8Form of forms.int8) {
    const session = await wasm({ threads: 1, int8Form }).load(model, { compute: 'int8' });
    expect(session.plan(shapes)).toContain(`products in 8 bits in the ${int8Form} form`);
    await session.dispose();
  }
  const measured = await wasm({ threads: 2 }).load(model);
  expect(measured.plan(shapes)).toMatch(/products in float32 in the (narrow|wide) form/);
  await measured.dispose();
});

test('forms that there are none of', () => {
  expect(() => wasm({ float32Form: 'pairs' as never })).toThrow(
    'unknown float32Form "pairs": expected one of narrow, wide',
  );
  expect(() => wasm({ int8Form: 'slow' as never })).toThrow(
    'unknown int8Form "slow": expected one of pairs, fused, wide',
  );
});
