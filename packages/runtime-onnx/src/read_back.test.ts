import { memoryBytes, openCheckpoint } from '@atrous/checkpoint';
import { geometries } from '@atrous/conformance';
import { expect, test } from 'vitest';
import { toOnnx } from './encode.ts';

const model = geometries.get('separable convolution')!;

test('the weights of a file that we wrote are there by our names, constants of the graph are not', async () => {
  const written = await toOnnx(model, { foldBatchNorm: false });
  const read = await openCheckpoint(memoryBytes(written, 'a.onnx'));
  expect([...read.names].sort()).toEqual([...model.weights.names].sort());
  for (const name of read.names.filter((name) => !name.endsWith('kernel')))
    expect(await read.read(name)).toEqual(await model.weights.read(name));
  expect(read.metadata).toMatchObject({ producer_name: 'atrous', layout: 'NHWC' });
});

test('where batch norms are folded, kernels and biases are left', async () => {
  const read = await openCheckpoint(memoryBytes(await toOnnx(model), 'a.onnx'));
  expect([...new Set(read.names.map((name) => name.split('/').at(-1)))].sort()).toEqual(['bias', 'kernel']);
});
