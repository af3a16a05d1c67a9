import { conformance, int8Cases, int8Layer, int8Layers, randomGraph } from '@atrous/conformance';
import { filledModel, goldenImage, int8Tolerance, relativeError, rmsError } from '@atrous/golden';
import {
  activation,
  buildGraph,
  conv2d,
  convBatchNormRelu,
  dense,
  depthwiseConv2d,
  evaluate,
  globalAveragePool,
  imageInput,
  int8Row,
  type Model,
  separableConv2d,
} from '@atrous/graph';
import { sizeOf, type Tensor, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forms } from './forms.ts';
import { builds } from './modules.ts';
import { wasm } from './node.ts';

conformance(wasm({ threads: 1 }), { name: 'wasm in 8 bits', compute: 'int8', sizes: [[2, 13, 18]] });

const bitsOf = ({ data }: Tensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

const largestOf = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));

/** Everything that computes 8 bits: builds, forms of their instructions, threads. */
const engines = builds.flatMap((build) =>
  forms.int8.flatMap((int8Form) => [1, 2, 3].map((threads) => ({ build, int8Form, threads }))),
);

test('products in 8 bits of given pixels equal the reference bit by bit, in every build and form, on any number of threads', async () => {
  let at = 0;
  await fc.assert(
    fc.asyncProperty(int8Cases, async ({ batch, height, width, ...one }) => {
      const model = int8Layers(one);
      const feeds = { image: goldenImage([batch, height, width, one.inputs]) };
      const { mean, dense: single, ...rest } = await evaluate(model, feeds, { compute: 'int8' });
      // Where a picture is one pixel, the mean is exact, too.
      const expected = height * width === 1 ? { ...rest, dense: single } : rest;
      const engine = engines[at++ % engines.length];
      const session = await wasm({ ...engine, compute: 'int8' }).load(model);
      const actual = await session.run(feeds);
      for (const [name, value] of Object.entries(expected)) {
        expect(bitsOf(actual[name]).equals(bitsOf(value)), `${name} ${JSON.stringify(engine)}`).toBe(true);
      }
      // Against the pixels, not against itself: theirs may cancel in it.
      const missed = Array.from(actual.mean.data, (value, i) => value - mean.data[i]);
      expect(largestOf(missed)).toBeLessThan(1e-6 * largestOf(feeds.image.data));
      await session.dispose();
    }),
    { numRuns: engines.length },
  );
});

test.each([
  // From −1.5 to 125.5 in steps of 1: the zero is 2, and 127.5 would become 128.
  ['a highest value that would round beyond 127', 'signed', [-0.75, 62.75, 0, 10, 20]],
  // Hard sigmoids of 0, 0.125 and 0.25, beside a gap of 0.5.
  ['channels beside a gap that an activation filled', 'hardsigmoid', [-3, -2.25, -1.5, -2.25, -1.5]],
] as const)('%s', async (_, before, values) => {
  const model = int8Layers({ inputs: 5, before, layers: [int8Layer(1), int8Layer(3)] });
  const data = Float32Array.from({ length: 60 }, (_, i) => values[(i * 7) % 5]);
  const feeds = { image: tensor('float32', [1, 3, 4, 5], data) };
  const expected = await evaluate(model, feeds, { compute: 'int8' });
  for (const build of builds) {
    const session = await wasm({ threads: 1, build, compute: 'int8' }).load(model);
    const actual = await session.run(feeds);
    for (const name of ['y0', 'y1'])
      expect(bitsOf(actual[name]).equals(bitsOf(expected[name])), build).toBe(true);
    await session.dispose();
  }
});

test('any number of threads gives the same bits', async () => {
  for (const seed of [3, 21, 34]) {
    const model = filledModel(randomGraph(seed));
    const feeds = { image: goldenImage([2, 29, 37, model.graph.inputs.image.shape[3]!]) };
    const answers: Record<string, Tensor>[] = [];
    for (const threads of [1, 2, 5]) {
      const session = await wasm({ threads, compute: 'int8' }).load(model);
      answers.push(await session.run(feeds));
      await session.dispose();
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  }
});

test('a pointwise convolution made row by row for a depthwise one gives the bits of two steps', async () => {
  const model = filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const first = conv2d(root.child('first'), image, { channels: 16 });
      const wide = activation(root, conv2d(root.child('pointwise'), first, { channels: 21, bias: true }));
      const y = depthwiseConv2d(root.child('depthwise'), wide, { rate: 2 });
      return { y: activation(root.child('after'), y), between: wide };
    }),
  );
  const shape = { image: [1, 300, 48, 3] };
  const feeds = { image: goldenImage(shape.image) };
  const answers: Buffer[] = [];
  const run = async (threads: number, outputs: string[], plan: RegExp) => {
    const session = await wasm({ threads, compute: 'int8' }).load(model, { outputs });
    expect(session.plan(shape)).toMatch(plan);
    answers.push(bitsOf((await session.run(feeds)).y));
    await session.dispose();
  };
  await run(1, ['y', 'between'], /^2 {2}pointwise {2}16×24 product in 8 bits by bands/m);
  for (const threads of [1, 2])
    await run(threads, ['y'], /pointwise \+ depthwise {2}16×24 product in 8 bits, relu, depthwise/);
  for (const answer of answers) expect(answer.equals(answers[0])).toBe(true);
});

describe('a network of every kind of product', () => {
  const model = filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const stem = activation(
        root,
        conv2d(root.child('stem'), image, { channels: 24, kernel: 3, stride: 2 }),
      );
      const options = { channels: 24, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
      const middle = separableConv2d(root.child('middle'), stem, options);
      const ordinary = conv2d(root.child('ordinary'), middle, { channels: 16, kernel: 3 });
      const pooled = globalAveragePool(root, ordinary, { flatten: true });
      return { y: ordinary, middle, logits: dense(root.child('head'), pooled, 5) };
    }),
  );
  const image = goldenImage([1, 17, 15, 3]);

  test('its plan says which are in 8 bits: all but the first and the depthwise ones', async () => {
    const shapes = { image: image.shape };
    const session = await wasm({ threads: 1, compute: 'int8' }).load(model);
    expect(session.compute).toBe('int8');
    const lines = session.plan(shapes).split('\n');
    expect(
      lines.filter((line) => line.includes('product in 8 bits')).map((line) => line.split('  ')[1]),
    ).toEqual(['middle/depthwise + pointwise', 'ordinary', 'head']);
    await session.dispose();
    const other = await wasm({ threads: 1 }).load(model);
    expect(other.compute).toBe('float32');
    expect(other.plan(shapes)).not.toContain('8 bits');
    await other.dispose();
  });

  test('a load’s own `compute` is above the runtime’s', async () => {
    const session = await wasm({ threads: 1, compute: 'int8' }).load(model, { compute: 'float32' });
    expect(session.compute).toBe('float32');
    const { y } = await session.run({ image });
    expect(relativeError(y, (await evaluate(model, { image })).y)).toBeLessThan(1e-5);
    await session.dispose();
  });

  test('pixels that are no numbers make values that are none, and nothing else', async () => {
    for (const build of builds) {
      const session = await wasm({ threads: 1, build, compute: 'int8' }).load(model, { outputs: ['middle'] });
      const whole = (await session.run({ image })).middle;
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const broken = { ...image, data: image.data.slice() };
        broken.data[0] = value; // a corner: the stem spreads it over 1 pixel, the depthwise convolution over 4
        const { middle } = await session.run({ image: broken });
        middle.data.forEach((number: number, i: number) => {
          const [row, column] = [Math.floor(i / 24 / 8), Math.floor(i / 24) % 8];
          if (row < 2 && column < 2) expect(number).toBeNaN();
          else expect(number).toBe(whole.data[i]);
        });
      }
      await session.dispose();
    }
  });
});

test('kernels that a file holds in 8 bits are taken as they are, batch norms in their scales', async () => {
  const channels = 12;
  const graph = buildGraph(imageInput(20), (root, { image }) => {
    const pixels = activation(root, image);
    const options = { channels, kernel: 3, epsilon: 1e-3 } as const;
    return {
      y: convBatchNormRelu(root.child('normal'), pixels, options),
      z: conv2d(root.child('plain'), pixels, { channels }),
    };
  });
  const filled = filledModel(graph);
  // Not what rounding would make of them: no channel's largest magnitude is 127, one is −128.
  const heldAt = (kernel: string) => {
    const size = sizeOf(filled.weights.spec(kernel).shape);
    const values = Int8Array.from({ length: size }, (_, i) => (i === 5 ? -128 : ((i * 37) % 91) - 45));
    return { values, scales: Float32Array.from({ length: channels }, (_, i) => 0.001 * (1 + i)) };
  };
  const isHeld = (name: string) => name.endsWith('/kernel');
  const model: Model = {
    graph,
    weights: {
      names: filled.weights.names,
      spec: (name) => ({ ...filled.weights.spec(name), ...(isHeld(name) && { dtype: 'int8' as const }) }),
      async read(name) {
        const kernel = name.replace(/_scale$/, '');
        if (kernel !== name) return tensor('float32', [channels], heldAt(kernel).scales);
        if (!isHeld(name)) return filled.weights.read(name);
        const { values } = heldAt(name);
        return tensor('int8', filled.weights.spec(name).shape, values);
      },
    },
  };
  const feeds = { image: goldenImage([1, 6, 7, 20]) };
  const expected = await evaluate(model, feeds, { compute: 'int8' });
  for (const build of builds) {
    const session = await wasm({ threads: 1, build, compute: 'int8' }).load(model);
    const { y, z } = await session.run(feeds);
    expect(bitsOf(y).equals(bitsOf(expected.y)), build).toBe(true);
    expect(bitsOf(z).equals(bitsOf(expected.z)), build).toBe(true);
    const row = int8Row(feeds.image.data.slice(0, 20).map((value) => Math.max(value, 0)));
    const { values, scales } = heldAt('plain/kernel');
    for (let c = 0; c < channels; c++) {
      const sum = row.values.reduce((total, value, k) => total + value * values[k * channels + c], 0);
      expect(z.data[c]).toBe(Math.fround(sum * Math.fround(row.scale * scales[c])));
    }
    await session.dispose();
  }
});

test('weights take a byte each', async () => {
  const model = filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      let x = conv2d(root.child('stem'), image, { channels: 256 });
      for (let i = 0; i < 8; i++) x = conv2d(root.child(`layer${i}`), x, { channels: 256 });
      return { x };
    }),
  );
  const megabytes = async (compute: 'float32' | 'int8') => {
    const session = await wasm({ threads: 1, compute }).load(model);
    const [, weights] = /weights ([\d.]+) MB/.exec(session.plan({ image: [1, 8, 8, 3] }))!;
    await session.dispose();
    return Number(weights);
  };
  expect(await megabytes('float32')).toBeCloseTo(2, 0);
  expect(await megabytes('int8')).toBeLessThan(0.6);
});

test('options that cannot be', async () => {
  expect(() => wasm({ compute: 'int4' as never })).toThrow(
    'unknown compute "int4": expected one of float32, int8',
  );
  await expect(
    wasm().load(int8Layers({ inputs: 3, before: 'relu', layers: [] }), { compute: 'auto' as never }),
  ).rejects.toThrow('unknown compute "auto"');
});

test('random graphs are computed as the reference computes them in 8 bits', async () => {
  const errors: number[] = [];
  for (let seed = 0; seed < 16; seed++) {
    const model = filledModel(randomGraph(seed));
    const feeds = { image: goldenImage([1, 13, 18, model.graph.inputs.image.shape[3]!]) };
    const session = await wasm({ threads: 1, build: builds[seed % 2], compute: 'int8' }).load(model);
    const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds, { compute: 'int8' })];
    await session.dispose();
    for (const name of ['last', 'inner', 'logits']) {
      const error = rmsError(actual[name], expected[name]);
      expect(error, `${name} of ${seed}`).toBeLessThan(int8Tolerance(model.graph) + 1e-6);
      errors.push(error);
    }
  }
  // What came before a product may send a value to another step, but seldom does.
  expect(errors.filter((error) => error < 2e-6).length).toBeGreaterThan(0.8 * errors.length);
});
