import { expect, test } from 'vitest';
import { buildGraph, imageInput } from './builder.ts';
import { castToHalf } from './cast.ts';
import { foldBatchNorm } from './fold.ts';
import {
  activation,
  add,
  batchNorm,
  conv2d,
  dense,
  globalAveragePool,
  scaleBy,
  separableConv2d,
} from './layers.ts';
import { weightsFrom } from './model.ts';
import { evaluate } from './reference/evaluate.ts';
import { difference, testModel, waves } from './test_model.ts';

const feeds = { image: waves([2, 6, 7, 3]) };
const kinds = ({ graph }: ReturnType<typeof testModel>) => graph.nodes.map(({ op }) => op.kind);

test('a folded network computes what it did before', async () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => {
      const biased = root.child('biased');
      const stem = batchNorm(biased, conv2d(biased, image, { channels: 4, kernel: 3, bias: true }), 1e-3);
      const options = { channels: 5, epsilon: 1e-3, norm: 'both', between: 'relu' } as const;
      const head = root.child('head');
      const x = globalAveragePool(head, separableConv2d(root.child('separable'), stem, options), {
        flatten: true,
      });
      return { logits: batchNorm(head, dense(head, x, 3), 1e-5) };
    }),
  );
  const folded = foldBatchNorm(model);
  expect(kinds(folded)).not.toContain('batch_norm');
  const [before, after] = [await evaluate(model, feeds), await evaluate(folded, feeds)];
  expect(difference(after.logits, before.logits)).toBeLessThan(1e-5);
});

test('factors become part of the convolution before them, with and without a batch norm', async () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => {
      const [plain, biased, normed] = ['plain', 'biased', 'normed'].map((name) => root.child(name));
      const residual = scaleBy(plain, conv2d(plain, image, { channels: 3 }), 0.2);
      const y = scaleBy(biased, conv2d(biased, add(root, image, residual), { channels: 4, bias: true }), -3);
      const scaled = scaleBy(normed, batchNorm(normed, conv2d(normed, y, { channels: 4 }), 1e-3), 0.5);
      return { y: batchNorm(normed.child('again'), scaled, 1e-3) };
    }),
  );
  const folded = foldBatchNorm(model);
  expect(kinds(folded)).toEqual(['conv2d', 'add', 'conv2d', 'conv2d']);
  expect(folded.graph.nodes.map(({ op }) => 'bias' in op && op.bias)).toEqual([false, false, true, true]);
  const [before, after] = [await evaluate(model, feeds), await evaluate(folded, feeds)];
  expect(difference(after.y, before.y)).toBeLessThan(1e-5);
});

test('a factor stays where another node reads what it multiplies, or no convolution stands before it', async () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => {
      const raw = conv2d(root.child('shared'), scaleBy(root, image, 2), { channels: 4 });
      return { y: add(root, scaleBy(root.child('shared'), raw, 0.2), raw) };
    }),
  );
  const folded = foldBatchNorm(model);
  expect(kinds(folded)).toEqual(kinds(model));
  const [before, after] = [await evaluate(model, feeds), await evaluate(folded, feeds)];
  expect(difference(after.y, before.y)).toBe(0);
});

test('values that are folded away can no longer be asked for, the last one can', () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => {
      const raw = root.endpoint('raw', conv2d(root.child('c'), image, { channels: 4, kernel: 3 }));
      const normed = root.endpoint('normed', batchNorm(root, raw, 1e-3));
      return { y: activation(root, root.endpoint('scaled', scaleBy(root, normed, 0.5))) };
    }),
  );
  expect(Object.keys(foldBatchNorm(model).graph.endpoints)).toEqual(['scaled']);
});

test('a batch norm stays where no convolution stands before it, or another node reads that convolution', async () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => {
      const first = root.child('first');
      const normed = activation(first, batchNorm(first, image, 1e-3));
      const raw = conv2d(root.child('shared'), normed, { channels: 4 });
      return { y: add(root, batchNorm(root.child('shared'), raw, 1e-3), raw) };
    }),
  );
  const folded = foldBatchNorm(model);
  expect(kinds(folded)).toEqual(kinds(model));
  const [before, after] = [await evaluate(model, feeds), await evaluate(folded, feeds)];
  expect(difference(after.y, before.y)).toBeLessThan(1e-5);
});

test('weights in half precision come back within half a unit of it', async () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => ({ y: conv2d(root.child('a'), image, { channels: 9 }) })),
  );
  const half = castToHalf(model);
  expect(half.weights.spec('a/kernel').dtype).toBe('float16');
  const [before, after] = [await evaluate(model, feeds), await evaluate(half, feeds)];
  expect(difference(after.y, before.y)).toBeLessThan(3 * 2 ** -11);
});

test('a weight that is not a number is an error that names it', async () => {
  const model = testModel(
    buildGraph(imageInput(), (root, { image }) => ({ y: conv2d(root.child('a'), image, { channels: 9 }) })),
  );
  const kernel = await model.weights.read('a/kernel');
  kernel.data[7] = Number.NaN;
  const broken = { graph: model.graph, weights: weightsFrom({ 'a/kernel': kernel }) };
  await expect(evaluate(broken, feeds)).rejects.toThrow('weight "a/kernel": element 7 is NaN');
});
