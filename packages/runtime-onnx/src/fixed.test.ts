import { geometries, randomGraph, sizes } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { evaluate, type Model } from '@atrous/graph';
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from '@atrous/onnx-schema';
import { permuteAxes, type Tensor, tensor } from '@atrous/tensor';
import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { type EncodeOptions, toOnnx } from './encode.ts';

/** Runs a file as anyone would who has only onnxruntime. */
async function runFile(file: Uint8Array, image: Tensor): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
  const results = await session.run({
    image: new OrtTensor('float32', image.data as Float32Array, image.shape),
  });
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      tensor(type as 'float32', dims, data as Float32Array),
    ]),
  );
}

/** A rank-4 tensor with its channels first; any other as it is. */
function channelsFirst(source: Tensor): Tensor {
  return source.shape.length === 4 ? permuteAxes(source, 'NHWC', 'NCHW') : source;
}

const dims = (info: ValueInfoProto) =>
  info.type?.value.case === 'tensorType' ? info.type.value.value.shape!.dim.map(({ value }) => value) : [];

/** Every shape of the file is a number, and none is computed when it runs. */
function expectFixed({ graph }: ModelProto, name: string): void {
  const kinds = graph!.node.map(({ opType }) => opType);
  for (const kind of ['Shape', 'Slice', 'Gather', 'Pad']) expect(kinds, name).not.toContain(kind);
  for (const info of [...graph!.input, ...graph!.output]) {
    for (const dim of dims(info)) expect(dim.case, `${name}: ${info.name}`).toBe('dimValue');
  }
}

async function expectSame(model: Model, size: readonly number[], channels: number, name: string) {
  const image = goldenImage([...size, channels]);
  const free = await runFile(await toOnnx(model), image);
  for (const layout of ['NHWC', 'NCHW'] as const) {
    const turn = layout === 'NCHW' ? channelsFirst : (value: Tensor) => value;
    const file = await toOnnx(model, { shapes: { image: image.shape }, layout });
    expectFixed(fromBinary(ModelProtoSchema, file), name);
    const fixed = await runFile(file, turn(image));
    for (const [output, value] of Object.entries(free)) {
      const expected = turn(value);
      expect([fixed[output].dtype, fixed[output].shape], name).toEqual([expected.dtype, expected.shape]);
      if (value.dtype === 'float32') expect(relativeError(fixed[output], expected), name).toBeLessThan(1e-5);
    }
  }
}

describe('a file of one size gives what one of free sizes does', () => {
  test.each(sizes.map((size) => [size.join('×'), size] as const))('every operator at %s', async (_, size) => {
    for (const [name, model] of geometries) await expectSame(model, size, 3, name);
  });

  test('any network at any size', async () => {
    const side = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), side, side, async (seed, height, width) => {
        const graph = randomGraph(seed);
        const channels = graph.inputs.image.shape[3]!;
        await expectSame(filledModel(graph), [1, height, width], channels, `seed ${seed}`);
      }),
      // a pool with padding after a global one: of a known size in a file of free ones
      { numRuns: 25, examples: [[3782, 1, 1]] },
    );
  });
});

test('a single pixel is broadcast, for OpenCV reads beyond it when it resizes', async () => {
  const pooled = geometries.get('resize_bilinear: half-pixel, from one pixel')!;
  const { graph } = fromBinary(
    ModelProtoSchema,
    await toOnnx(pooled, { shapes: { image: [1, 9, 12, 3] }, layout: 'NCHW' }),
  );
  expect(graph!.node.map(({ opType }) => opType)).toEqual(['GlobalAveragePool', 'Expand', 'Identity']);
});

test.each([
  [9, 12, 'Identity'],
  [9, 1, 'MatMul'],
])('a pool up to 7×3 of %i×%i is %s', async (height, width, last) => {
  const pooled = geometries.get('adaptive_average_pool: to at least 7×3')!;
  const { graph } = fromBinary(
    ModelProtoSchema,
    await toOnnx(pooled, { shapes: { image: [1, height, width, 3] }, layout: 'NCHW' }),
  );
  expect(graph!.node.at(-2)!.opType).toBe(last);
});

const model = geometries.get('separable convolution')!;
const preprocess = {
  size: { mode: 'original', multipleOf: 1 },
  fit: 'stretch',
  filter: 'bilinear',
  channels: 'BGR',
  range: [-1, 3],
  mean: [0.25, 0.5, 1.5],
  std: [2, 0.5, 0.125],
} as const;

test.each(['NHWC', 'NCHW'] as const)('normalisation inside is the one outside, %s', async (layout) => {
  const pixels = goldenImage([2, 6, 5, 3]);
  pixels.data.forEach((value, i) => {
    pixels.data[i] = Math.round((value + 1) * 127.5);
  });
  const image = tensor(
    'float32',
    pixels.shape,
    pixels.data.map((pixel, i) => {
      return ((pixel / 255) * 4 - 1 - preprocess.mean[i % 3]) / preprocess.std[i % 3];
    }),
  );
  const { y } = await evaluate(model, { image });
  const turn = layout === 'NCHW' ? channelsFirst : (value: Tensor) => value;
  const file = await toOnnx(model, { layout, normalize: true, description: { preprocess } });
  expect(relativeError((await runFile(file, turn(pixels))).y, turn(y))).toBeLessThan(1e-5);
});

test.each<[string, EncodeOptions, string, RegExp]>([
  [
    'a shape that does not fit',
    { shapes: { image: [1, 8, 8, 4] } },
    'shape',
    /expected float32\[\?,\?,\?,3\]/,
  ],
  ['a side of zero', { shapes: { image: [1, 0, 8, 3] } }, 'shape', /got float32\[1,0,8,3\]/],
  ['an endless side', { shapes: { image: [1, 1e20, 8, 3] } }, 'shape', /at most 65536/],
  ['no shape', { shapes: {} }, 'shape', /the shape of input "image" is missing/],
  ['no means', { normalize: true }, 'input', /no range, mean and std/],
  [
    'a range of nothing',
    { normalize: true, description: { preprocess: { ...preprocess, range: [1, 1] } } },
    'input',
    /range 1…1/,
  ],
  [
    'too few means',
    { normalize: true, description: { preprocess: { ...preprocess, mean: [1] } } },
    'input',
    /a mean and a std for each channel/,
  ],
])('%s is an error', async (_name, options, code, message) => {
  await expect(toOnnx(model, options)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
