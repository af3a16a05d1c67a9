import { conformance, expectLabelMaps, randomGraph } from '@atrous/conformance';
import { filledModel, goldenImage } from '@atrous/golden';
import {
  type ActivationFunction,
  activation,
  buildGraph,
  conv2d,
  convBatchNormRelu,
  depthwiseConv2d,
  imageInput,
  type Model,
  type Padding,
  partOf,
  selectOutputs,
  separableConv2d,
} from '@atrous/graph';
import { type Tensor, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builds } from './modules.ts';
import { wasm } from './node.ts';

for (const build of builds) conformance(wasm({ build, threads: 1 }), { name: `wasm, ${build}` });

test('any number of threads gives the same bits', async () => {
  for (const seed of [3, 8, 21, 34]) {
    const model = filledModel(randomGraph(seed));
    const feeds = { image: goldenImage([2, 29, 37, model.graph.inputs.image.shape[3]!]) };
    const answers: Record<string, Tensor>[] = [];
    for (const threads of [1, 2, 3, 5]) {
      const session = await wasm({ threads }).load(model);
      expect(session.threads).toBe(threads);
      answers.push(await session.run(feeds));
      await session.dispose();
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  }
});

test('a pointwise convolution made row by row for the depthwise one after it gives the bits of two steps, on any number of threads', async () => {
  const windows = fc.record({
    kernel: fc.constantFrom(3, 5, [1, 3], [3, 2]) as fc.Arbitrary<number | readonly [number, number]>,
    stride: fc.constantFrom(1, 2, 3),
    rate: fc.constantFrom(1, 2, 3),
    padding: fc.constantFrom('same', [0, 0, 0, 0], [3, 1, 0, 2]) as fc.Arbitrary<Padding>,
    batch: fc.constantFrom(1, 2),
    between: fc.constantFrom('none', 'relu', 'hardswish') as fc.Arbitrary<'none' | ActivationFunction>,
  });
  await fc.assert(
    fc.asyncProperty(windows, async ({ batch, between, ...window }) => {
      const model = filledModel(
        buildGraph(imageInput(), (root, { image }) => {
          const wide = conv2d(root.child('pointwise'), image, { channels: 21, bias: true });
          const x = between === 'none' ? wide : activation(root, wide, between);
          const y = depthwiseConv2d(root.child('depthwise'), x, window);
          return { y: activation(root.child('after'), y), between: x };
        }),
      );
      const shape = { image: [batch, 300, 48, 3] };
      const feeds = { image: goldenImage(shape.image) };
      const answers: Buffer[] = [];
      const run = async (threads: number, outputs: string[], plan: RegExp) => {
        const session = await wasm({ threads }).load(model, { outputs });
        expect(session.plan(shape)).toMatch(plan);
        answers.push(Buffer.from((await session.run(feeds)).y.data.buffer));
        await session.dispose();
      };
      await run(1, ['y', 'between'], /^2 {2}depthwise {2}depthwise/m); // what is asked for is written
      for (const threads of [1, 2])
        await run(threads, ['y'], /pointwise \+ depthwise .* by bands of \d+ rows/);
      for (const answer of answers) expect(answer.equals(answers[0])).toBe(true);
    }),
    { numRuns: 8 },
  );
});

test('a depthwise convolution goes into the pointwise one after it, whichever comes first in a layer', async () => {
  const model = filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const options = {
        channels: 16,
        epsilon: 1e-3,
        norm: 'both',
        between: 'none',
        order: 'pointwise-first',
      } as const;
      let x = image;
      for (let i = 0; i < 4; i++)
        x = activation(root.child(`${i}`), separableConv2d(root.child(`${i}`), x, options));
      return { x };
    }),
  );
  const session = await wasm({ threads: 1 }).load(model);
  const plan = session.plan({ image: [1, 20, 20, 3] });
  expect(plan.match(/depthwise \+ pointwise/g)).toHaveLength(3);
  expect(plan.split('\n')).toHaveLength(7); // the first pointwise and the last depthwise part stand alone; forms, and a total
  await session.dispose();
});

/** Heavy enough to be stopped on the way. */
const heavy: Model = filledModel(
  buildGraph(imageInput(), (root, { image }) => {
    let x = conv2d(root.child('stem'), image, { channels: 128 });
    for (let i = 0; i < 12; i++) {
      x = separableConv2d(root.child(`conv${i}`), x, {
        channels: 128,
        epsilon: 1e-3,
        norm: 'both',
        between: 'none',
      });
    }
    return { y: x };
  }),
);

describe.each([1, 2])('a session on %d thread(s)', (threads) => {
  const small = { image: goldenImage([1, 9, 9, 3]) };

  test('stops soon when it is told to, and runs again', async () => {
    const session = await wasm({ threads }).load(heavy);
    const expected = await session.run(small);
    const stop = new AbortController();
    const running = session.run({ image: tensor('float32', [1, 500, 500, 3]) }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 60);
    await expect(running).rejects.toThrow('enough');
    expect(await session.run(small)).toEqual(expected);
    await session.dispose();
  });

  test('takes ten sizes, overlapping', async () => {
    const session = await wasm({ threads }).load(heavy);
    const feeds = Array.from({ length: 10 }, (_, i) => ({ image: goldenImage([1, 3 + i, 12 - i, 3]) }));
    const answers = await Promise.all(feeds.map((feed) => session.run(feed)));
    for (const [i, { y }] of answers.entries()) expect(y.shape).toEqual([1, 3 + i, 12 - i, 128]);
    expect((await session.run(feeds[0])).y).toEqual(answers[0].y);
    await session.dispose();
  });

  test('a disposed one says so', async () => {
    const session = await wasm({ threads }).load(heavy);
    await session.dispose();
    await session.dispose();
    await expect(session.run(small)).rejects.toMatchObject({ code: 'disposed' });
  });

  test('measures its steps when it is asked to', async () => {
    const session = await wasm({ threads }).load(heavy);
    await session.run(small, { profile: true });
    const steps = session.profile();
    expect(steps).toHaveLength(13);
    expect(steps[1]).toMatchObject({ name: 'conv0/depthwise + pointwise', kind: 'matmul' });
    await session.dispose();
  });

  test('refuses a picture larger than memory before anything grows', async () => {
    const session = await wasm({ threads }).load(heavy);
    const data = new Float32Array(0);
    const image = { dtype: 'float32', shape: [1, 30000, 30000, 3], data } as const;
    await expect(session.run({ image })).rejects.toMatchObject({ code: 'shape' });
    expect(() => session.plan({ image: [1, 30000, 30000, 3] })).toThrow(
      /needs \d+\.\d GB, a 32-bit memory has 4/,
    );
    expect((await session.run(small)).y.shape).toEqual([1, 9, 9, 128]);
    await session.dispose();
  });
});

test('a part runs on the weights of the whole, in turn with it, to the same bits; of others it has none', async () => {
  const model = filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const norm = { channels: 16, kernel: 3, padding: 'same', epsilon: 1e-3 } as const;
      const stem = convBatchNormRelu(root.child('stem'), image, { ...norm, stride: 2 });
      const deep = convBatchNormRelu(root.child('deep'), stem, norm);
      return { logits: conv2d(root.child('logits'), deep, { channels: 5 }) };
    }),
  );
  const image = goldenImage([1, 45, 61, 3]);
  for (const compute of ['float32', 'int8'] as const) {
    const session = await wasm({ threads: 2, compute }).load(model);
    const [first, second] = [
      session.part(selectOutputs(model.graph, ['deep/relu']))!,
      session.part(partOf(model.graph, ['deep/relu'], ['logits']))!,
    ];
    expect(Object.keys(second.inputs)).toEqual(['deep/relu']);
    const [whole, values] = await Promise.all([session.run({ image }), first.run({ image })]);
    await first.dispose(); // frees nothing
    expect(await second.run(values)).toEqual(whole);
    // what is a convolution and a batch norm there is one convolution here
    expect(session.part(partOf(model.graph, ['deep'], ['logits']))).toBeUndefined();
    await session.dispose();
    await expect(second.run(values)).rejects.toMatchObject({ code: 'disposed' });
  }
});

test('label maps equal those of mask, confidence to 1e-6', async () => {
  for (const threads of [1, 3]) {
    const session = await wasm({ threads }).load(heavy);
    await expectLabelMaps(session);
    expect((await session.run({ image: goldenImage([1, 9, 9, 3]) })).y.shape).toEqual([1, 9, 9, 128]);
    await session.dispose();
  }
});

test('the plan can be read', async () => {
  const session = await wasm({ threads: 1 }).load(heavy);
  const plan = session.plan({ image: [1, 64, 64, 3] });
  expect(plan).toMatch(
    /^1 {2}stem {2}8×128 product by bands of 96 pixels {2}→ 1×64×64×128 {2}2\.0 MB {2}1\.6 M multiply-adds/,
  );
  expect(plan).toContain('depthwise 3×3 rate 1×1 stride 1×1, 128×128 product');
  expect(plan).toMatch(/weights 0\.\d MB, values at most \d\.\d MB at once/);
  await session.dispose();
});

test('weights that are no numbers are an error that names them', async () => {
  const broken: Model = {
    graph: heavy.graph,
    weights: {
      ...heavy.weights,
      read: async (name) => {
        const weight = await heavy.weights.read(name);
        if (name === 'conv3/pointwise/kernel') weight.data[5] = Number.NaN;
        return weight;
      },
    },
  };
  await expect(wasm().load(broken)).rejects.toThrow('weight "conv3/pointwise/kernel": element 5 is NaN');
});

describe('options that cannot be', () => {
  test.each([0, 1.5, -1, Number.NaN, 1e9, '2'])('threads: %s', (threads) => {
    expect(() => wasm({ threads: threads as number })).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringContaining('threads: expected') }),
    );
  });
  test('a build and a createWorker of no kind', () => {
    expect(() => wasm({ build: 'fast' as never })).toThrow(
      'unknown build "fast": expected one of relaxed, simd',
    );
    expect(() => wasm({ createWorker: 7 as never })).toThrow('createWorker: expected a function, got 7');
  });
  test('more threads than are of use are no error', async () => {
    const session = await wasm({ threads: 64 }).load(filledModel(randomGraph(5)));
    expect(session.threads).toBe(16);
    await session.dispose();
  });
});
