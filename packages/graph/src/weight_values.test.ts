import { tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { castToHalf, castToInt8, halfOverflows } from './cast.ts';
import { batchNormAffine } from './fold.ts';
import { conv2d } from './layers.ts';
import { readWeight, weightsFrom } from './model.ts';
import { testModel } from './test_model.ts';

const floats = (...values: number[]) => tensor('float32', [values.length], Float32Array.from(values));
const read = (name: string, ...values: number[]) =>
  readWeight(weightsFrom({ [name]: floats(...values) }), name, [values.length]);

test('one number that no trained weight has is an error that says which and where', async () => {
  const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e20, -3e38);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<number>(-1e6, -0.5, 0, 1e-40, 2), { maxLength: 9 }),
      fc.nat(9),
      broken,
      async (sound, at, value) => {
        expect(await read('a/kernel', ...sound)).toEqual(Float32Array.from(sound));
        const index = Math.min(at, sound.length);
        const error = await read('a/kernel', ...sound.toSpliced(index, 0, value)).catch((reason) => reason);
        expect(error).toMatchObject({ code: 'weights' });
        expect(error.message).toContain(
          `weight "a/kernel": element ${index} is ${Math.fround(value)}, expected`,
        );
      },
    ),
  );
});

test('a variance is not below zero, a mean may be', async () => {
  await expect(read('a/variance', 1, -1e-9)).rejects.toThrow('weight "a/variance": element 1 is -9.99');
  expect([...(await read('a/variance', 0, 1e6))]).toEqual([0, 1e6]);
  expect([...(await read('a/mean', -1e6))]).toEqual([-1e6]);
});

test('a batch norm that comes to infinity is an error', async () => {
  const weights = weightsFrom({
    'a/gamma': floats(1),
    'a/beta': floats(0),
    'a/mean': floats(0),
    'a/variance': floats(0),
  });
  const op = { kind: 'batch_norm', epsilon: 0 } as const;
  await expect(batchNormAffine(weights, 'a', op, 1)).rejects.toThrow('"a/scale": element 0 is Infinity');
});

describe('kernels in 8 bits', () => {
  const kernel = tensor('int8', [1, 2], Int8Array.of(3, -4));
  const readScaled = (scales: ReturnType<typeof floats>) =>
    readWeight(weightsFrom({ 'a/kernel': kernel, 'a/kernel_scale': scales }), 'a/kernel', [1, 2]);
  test('are multiplied by the scale of their channel', async () => {
    expect([...(await readScaled(floats(0.5, 2)))]).toEqual([1.5, -8]);
  });
  test('need a scale for each channel, and finite ones', async () => {
    await expect(readScaled(floats(1))).rejects.toThrow('a scale for each of 2 channels, got float32[1]');
    await expect(readScaled(floats(1, Number.NaN))).rejects.toThrow('element 1 is NaN');
  });
  test('are not made of what is no number', async () => {
    const model = testModel(
      buildGraph(imageInput(), (root, { image }) => ({ y: conv2d(root.child('a'), image, { channels: 1 }) })),
    );
    const broken = {
      ...model,
      weights: weightsFrom({
        'a/kernel': tensor('float32', [1, 1, 3, 1], Float32Array.of(1, Number.NaN, 0)),
      }),
    };
    await expect(castToInt8(broken).weights.read('a/kernel')).rejects.toMatchObject({ code: 'weights' });
  });
});

test('other integers are no weights', async () => {
  const weights = weightsFrom({ a: tensor('int32', [1]) });
  await expect(readWeight(weights, 'a', [1])).rejects.toThrow(
    'expected float32, float16 or int8, got int32[1]',
  );
});

describe('half precision', () => {
  const weights = weightsFrom({
    'a/variance': floats(1, 1e6),
    'a/gamma': floats(65504, -65504),
    'a/beta': floats(65520),
  });
  const model = { graph: { inputs: {}, nodes: [], outputs: {}, endpoints: {} }, weights };
  test('says which weights it cannot hold', async () => {
    expect(await halfOverflows(weights)).toEqual(['a/variance', 'a/beta']);
  });
  test('never writes infinity', async () => {
    const half = castToHalf(model).weights;
    await expect(half.read('a/variance')).rejects.toThrow('weight "a/variance": element 1 is 1000000, half');
    expect((await half.read('a/gamma')).dtype).toBe('float16');
  });
  test('leaves in float32 what is to be kept', async () => {
    const half = castToHalf(model, ['a/variance']).weights;
    expect(half.spec('a/variance').dtype).toBe('float32');
    expect([...(await half.read('a/variance')).data]).toEqual([1, 1e6]);
    expect(half.spec('a/gamma').dtype).toBe('float16');
  });
});
