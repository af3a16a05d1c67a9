import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import {
  activation,
  add,
  averagePool,
  bind,
  buildGraph,
  conv2d,
  dense,
  evaluate,
  foldBatchNorm,
  globalAveragePool,
  imageInput,
  type Model,
  maxPool,
  type Pair,
  readWeight,
  type Scope,
  type Value,
  weightShapes,
  weightsFrom,
} from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { frameModel } from './flatbuffer.ts';
import { encodeTflite, toTflite } from './index.ts';
import { storeWeights } from './kernels.ts';
import { lowerGraph } from './lower.ts';
import { operators } from './schema.ts';
import { runLitert, startLitert } from './test_litert.ts';

beforeAll(startLitert);

const shapes = { image: [1, 8, 9, 3] };
const feeds = { image: goldenImage(shapes.image) };

const modelOf = (layers: (root: Scope, image: Value) => Record<string, Value>): Model =>
  filledModel(buildGraph(imageInput(), (root, { image }) => layers(root, image)));

const small = modelOf((root, image) => {
  const x = activation(root, conv2d(root.child('a'), image, { channels: 6, kernel: 3, bias: true }));
  const mean = globalAveragePool(root, x, { flatten: true });
  return { logits: dense(root.child('last'), mean, 4) };
});

/** The operators of a file, by name. */
async function kindsOf(model: Model): Promise<string[]> {
  const folded = foldBatchNorm(model);
  const { emitter } = lowerGraph(bind(folded.graph, shapes), await storeWeights(folded, 'float32'), false);
  const names = new Map<unknown, string>(Object.entries(operators).map(([name, [code]]) => [code, name]));
  return emitter.operators.map(
    ({ opcodeIndex }) => names.get(emitter.operatorCodes[opcodeIndex!].builtinCode)!,
  );
}

describe('the file', () => {
  test('is as long as was said, and numbers lie on boundaries of 16 bytes', async () => {
    for (const precision of ['float32', 'float16', 'int8'] as const) {
      const { size } = await encodeTflite(small, { shapes, precision });
      const file = await toTflite(small, { shapes, precision });
      expect(file.byteLength).toBe(size);
      expect(new TextDecoder().decode(file.subarray(4, 8))).toBe('TFL3');
    }
    const file = await toTflite(small, { shapes });
    for (const [name, shape] of weightShapes(small.graph)) {
      if (!name.endsWith('/bias')) continue;
      const bias = await readWeight(small.weights, name, shape);
      const bytes = Buffer.from(bias.buffer, bias.byteOffset, bias.byteLength);
      expect(Buffer.from(file).indexOf(bytes) % 16, name).toBe(0);
    }
    const { starts } = frameModel({ buffers: [{ data: 0 }, { data: 1 }, { data: 2 }] }, [1, 8, 40]);
    expect(starts.map((start) => start % 16)).toEqual([0, 0, 0]);
  });

  test('reads one weight at a time, when it is written', async () => {
    let reads = 0;
    const { weights } = small;
    const counting: Model = {
      ...small,
      weights: {
        ...weights,
        read: (name) => {
          reads++;
          return weights.read(name);
        },
      },
    };
    const { pieces } = await encodeTflite(counting, { shapes });
    expect(reads).toBe(0);
    const before: number[] = [];
    for await (const _ of pieces) before.push(reads);
    expect(reads).toBe(weights.names.length);
    expect(Math.max(...before.map((count, i) => count - (before[i - 1] ?? 0)))).toBe(1);
  });

  test('kernels in 8 bits make it a quarter, in half precision half', async () => {
    const wide = modelOf((root, image) => ({
      y: conv2d(root.child('b'), conv2d(root.child('a'), image, { channels: 64 }), { channels: 256 }),
    }));
    const sizes = [];
    for (const precision of ['float32', 'float16', 'int8'] as const)
      sizes.push((await encodeTflite(wide, { shapes, precision })).size);
    const kernels = 4 * (3 * 64 + 64 * 256);
    expect(sizes[0] - sizes[1]).toBeGreaterThan(0.48 * kernels);
    expect(sizes[0] - sizes[2]).toBeGreaterThan(0.65 * kernels); // scales and their zero points take the rest
  });
});

describe('the graph', () => {
  test('activations become part of what stands before them, unless it is read elsewhere', async () => {
    const fused = modelOf((root, image) => {
      const x = activation(root, conv2d(root.child('a'), image, { channels: 3 }), 'relu6');
      return { y: activation(root.child('b'), add(root.child('b'), x, image)) };
    });
    expect(await kindsOf(fused)).toEqual(['CONV_2D', 'ADD']);
    const shared = modelOf((root, image) => {
      const x = conv2d(root.child('a'), image, { channels: 3 });
      return { y: activation(root, x), x };
    });
    expect(await kindsOf(shared)).toEqual(['CONV_2D', 'RELU']);
    const values = await runLitert(await toTflite(shared, { shapes }), feeds);
    const expected = await evaluate(shared, feeds);
    expect(relativeError(values.x, expected.x)).toBeLessThan(1e-6);
    expect(relativeError(values.y, expected.y)).toBeLessThan(1e-6);
  });

  test('padding is an operator only where TensorFlow Lite has none of its own', async () => {
    const of = (stride: number, padding: readonly [number, number, number, number], kernel: Pair = [3, 3]) =>
      kindsOf(
        modelOf((root, image) => ({ y: conv2d(root, image, { channels: 2, kernel, stride, padding }) })),
      );
    expect(await of(1, [0, 0, 0, 0])).toEqual(['CONV_2D']);
    expect(await of(1, [1, 1, 1, 1])).toEqual(['CONV_2D']);
    expect(await of(2, [0, 1, 1, 1])).toEqual(['CONV_2D']); // 8 rows, 9 columns
    expect(await of(2, [1, 1, 1, 1])).toEqual(['PAD', 'CONV_2D']);
    // The last row is under no window: XNNPACK would take it for padding.
    expect(await of(2, [0, 0, 1, 1], [1, 3])).toEqual(['PAD', 'CONV_2D']);
  });

  test('padding of the largest value is none: zeros only after what is never below', async () => {
    const padding = [1, 1, 1, 1] as const;
    const pooled = (isRectified: boolean) =>
      modelOf((root, image) => {
        const x = isRectified ? activation(root, image) : image;
        return { y: maxPool(root, x, { kernel: 3, stride: 2, padding }) };
      });
    expect(await kindsOf(pooled(true))).toEqual(['RELU', 'PAD', 'MAX_POOL_2D']);
    expect(await kindsOf(pooled(false))).toEqual(['PADV2', 'MAX_POOL_2D']);
  });

  test('means are a pool where padding is none, or does not count and is TensorFlow Lite’s own', async () => {
    const of = (padding: 'same' | readonly [number, number, number, number], countPadding: boolean) =>
      kindsOf(
        modelOf((root, image) => ({
          y: averagePool(root, image, { kernel: 3, stride: 2, padding, countPadding }),
        })),
      );
    expect(await of([0, 0, 0, 0], true)).toEqual(['AVERAGE_POOL_2D']);
    expect(await of('same', false)).toEqual(['AVERAGE_POOL_2D']);
    expect(await of('same', true)).toEqual(['DEPTHWISE_CONV_2D']);
    expect(await of([1, 1, 1, 1], true)).toEqual(['PAD', 'DEPTHWISE_CONV_2D']);
    expect(await of([1, 1, 1, 1], false)).toEqual(['PAD', 'DEPTHWISE_CONV_2D', 'MUL']);
  });

  test('an output that is an input, and two outputs of one value', async () => {
    const model = modelOf((root, image) => {
      const y = activation(root, image);
      return { image2: image, y, again: y };
    });
    const values = await runLitert(await toTflite(model, { shapes }), feeds);
    const expected = await evaluate(model, feeds);
    expect(Object.keys(values)).toEqual(['image2', 'y', 'again']);
    for (const [name, value] of Object.entries(expected)) expect(relativeError(values[name], value)).toBe(0);
  });

  test('other values of the network can be asked for', async () => {
    const { nodes } = small.graph;
    const name = nodes.find(({ op }) => op.kind === 'global_average_pool')!.name;
    const values = await runLitert(await toTflite(small, { shapes, outputs: [name] }), feeds);
    const expected = await evaluate(small, feeds, { outputs: [name] });
    expect(relativeError(values[name], expected[name])).toBeLessThan(1e-6);
  });
});

describe('kernels', () => {
  /** A convolution whose kernel is given, by input and output channel. */
  const convolution = (kernel: readonly number[]): Model => {
    const graph = buildGraph(imageInput(), (root, { image }) => ({
      y: conv2d(root, image, { channels: kernel.length / 3 }),
    }));
    const [name] = filledModel(graph).weights.names;
    const shape = [1, 1, 3, kernel.length / 3];
    return { graph, weights: weightsFrom({ [name]: tensor('float32', shape, Float32Array.from(kernel)) }) };
  };

  test('beyond half precision stay in float32, and are named', async () => {
    const model = convolution([1, 1e5, 2, 3, 4, 5]);
    const { kept } = await encodeTflite(model, { shapes, precision: 'float16' });
    expect(kept).toEqual(model.weights.names);
    const { y } = await runLitert(await toTflite(model, { shapes, precision: 'float16' }), feeds);
    expect(relativeError(y, (await evaluate(model, feeds)).y)).toBeLessThan(1e-6);
    expect((await encodeTflite(convolution([1, 2, 3]), { shapes, precision: 'float16' })).kept).toEqual([]);
  });

  test('an output channel of zeros has a scale, too', async () => {
    const model = convolution([1, 0, -2, 0, 3, 0]);
    const { scales } = await storeWeights(model, 'int8');
    expect([...scales.values()].flatMap((values) => [...values]).every((scale) => scale > 0)).toBe(true);
    const { y } = await runLitert(await toTflite(model, { shapes, precision: 'int8' }), feeds);
    expect(relativeError(y, (await evaluate(model, feeds)).y)).toBeLessThan(0.01);
  });
});

describe('what cannot be written is refused', () => {
  test.each([
    ['no size', { shapes: {} }, 'bind: the shape of input "image" is missing'],
    ['channels', { shapes: { image: [1, 8, 9, 4] } }, 'input "image": expected'],
    ['a size that nothing holds', { shapes: { image: [1, 60_000, 60_000, 3] } }, 'at most 2 GiB'],
    ['an output that is not there', { shapes, outputs: ['nothing'] }, 'unknown output "nothing"'],
    [
      'a dynamic range without 8 bits',
      { shapes, precision: 'float16', dynamicRange: true },
      'set precision to "int8"',
    ],
  ] as const)('%s', async (_name, options, message) => {
    await expect(encodeTflite(small, options)).rejects.toThrow(message);
  });
});
