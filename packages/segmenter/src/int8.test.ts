import { readFileSync } from 'node:fs';
import { goldenFile, goldenImage, int8Tolerance, rmsError, type Stats } from '@atrous/golden';
import { type Compute, evaluate, referenceRuntime } from '@atrous/graph';
import { onnx } from '@atrous/runtime-onnx';
import { wasm } from '@atrous/runtime-wasm';
import { tensor } from '@atrous/tensor';
import { loadModel } from '@atrous/zoo';
import { describe, expect, test } from 'vitest';
import { computeOf } from './compute.ts';
import { Segmenter } from './node.ts';
import { testPicture } from './test_pixels.ts';

const folderOf = (model: string) => new URL(`../../model-${model}/`, import.meta.url);
const outputs = ['features', 'aspp', 'logits'] as const;

interface Golden {
  readonly model: string;
  readonly input: { readonly size: readonly [number, number, number, number] };
  readonly logits: Stats;
}

describe('the shipped models in 8 bits are within the bound of float32', () => {
  // Of the bound, which grows with the square root of the products one after the other: those of low rank are two.
  const most = { 'people-int8': 0.13, 'people-small-int8': 0.17 };
  test.each(Object.entries(most))('%s', async (name, largest) => {
    const golden: Golden = JSON.parse(readFileSync(goldenFile(`${name}.json`), 'utf8'));
    const model = await loadModel(folderOf(golden.model), { precision: 'int8' });
    const image = goldenImage(golden.input.size);
    const run = async (compute: Compute) => {
      const session = await wasm({ threads: 1, compute }).load(model, { outputs });
      const values = await session.run({ image });
      await session.dispose();
      return values;
    };
    const [actual, expected] = [await run('int8'), await run('float32')];
    const bound = int8Tolerance(model.graph);
    expect(bound).toBeLessThan(largest);
    for (const output of outputs) {
      const error = rmsError(actual[output], expected[output]);
      expect(error, output).toBeLessThan(bound);
      expect(error, output).toBeGreaterThan(1e-3); // in 8 bits indeed
    }
    // What PyTorch gives, in float32.
    const { index, value } = golden.logits;
    const samples = (data: ArrayLike<number>) => tensor('float32', [index.length], Float32Array.from(data));
    const logits = samples(index.map((at) => actual.logits.data[at]));
    expect(rmsError(logits, samples(value))).toBeLessThan(bound);
  });

  test('and of the reference in 8 bits', async () => {
    const model = await loadModel(folderOf('people-small'));
    const feeds = { image: goldenImage([1, 48, 32, 3]) };
    const session = await wasm({ threads: 1, compute: 'int8' }).load(model, { outputs: ['logits'] });
    const { logits } = await session.run(feeds);
    await session.dispose();
    const expected = await evaluate(model, feeds, { outputs: ['logits'], compute: 'int8' });
    expect(rmsError(logits, expected.logits)).toBeLessThan(int8Tolerance(model.graph));
  });
});

describe('what a model is computed in', () => {
  const quarter = new URL('../../golden/models/quarter/', import.meta.url);
  const runtimes = [onnx()];

  test('is float32 unless it is asked for', async () => {
    const segmenter = await Segmenter.load(quarter, { runtime: 'wasm', threads: 1 });
    expect(segmenter.compute).toBe('float32');
    await segmenter.dispose();
  });

  test('`int8` leads `auto` to the runtime that does it, and is refused by others', async () => {
    const segmenter = await Segmenter.load(quarter, { runtimes, compute: 'int8', threads: 1 });
    expect(segmenter).toMatchObject({ compute: 'int8', runtime: 'wasm' });
    expect(segmenter.reason).toContain('onnx:native computes in float32, not in int8');
    const picture = testPicture(96, 64);
    const inner = await segmenter.features(picture, ['logits']);
    const { logits } = await segmenter.segment(picture, { logits: true });
    expect(inner.logits).toEqual(logits);
    await segmenter.dispose();
    const other = Segmenter.load(quarter, { runtimes, compute: 'int8', runtime: 'onnx:native' });
    await expect(other).rejects.toThrow('computes in float32, not in int8: the runtimes wasm and webgpu do');
  });

  test('`auto` is as the config advises, where the runtime can', async () => {
    const { config } = await loadModel(quarter);
    const advised = { ...config!, compute: { int8: { auto: true, miou: -0.1, sameLabels: 0.99 } } };
    const warned = { ...config!, compute: { int8: { auto: false, miou: -3, sameLabels: 0.9 } } };
    const plain = { ...referenceRuntime, computes: undefined };
    expect(computeOf(referenceRuntime, 'auto', advised)).toBe('int8');
    expect(computeOf(referenceRuntime, 'auto', warned)).toBe('float32');
    expect(computeOf(referenceRuntime, 'auto', { ...config!, compute: undefined })).toBe('float32');
    expect(computeOf(plain, 'auto', advised)).toBe('float32');
  });
});
